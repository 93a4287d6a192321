/** Stands for why the step `timeout` interrupts what runs in it. */
class ExceededTimeout {
    String shortDescription = 'Timeout has been exceeded'
}
