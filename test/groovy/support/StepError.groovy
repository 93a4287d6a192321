/** What `error` and failing steps throw. */
class StepError extends Exception {
    StepError(String message) {
        super(message)
    }
}
