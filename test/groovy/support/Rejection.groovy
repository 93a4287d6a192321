/** Stands for why an `input` that somebody rejects interrupts the build. */
class Rejection {
    String shortDescription = 'Rejected by Ada'
}
