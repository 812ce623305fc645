/// Measures what a client uses of a rate: it may save up `burstSeconds` of it, and owes what it takes beyond.
///
/// With Kafka's windows a client that was idle may use as much at once before it is held back.
struct TokenBucket: Sendable {
    /// Seconds of the rate that can be saved up: what Kafka's 11 windows of a second allow.
    static let burstSeconds = 10.0

    private(set) var perSecond: Double
    private var tokens: Double
    private var updatedNanoseconds: UInt64

    /// A full bucket.
    init(perSecond: Double, now: UInt64) {
        self.perSecond = perSecond
        tokens = perSecond * Self.burstSeconds
        updatedNanoseconds = now
    }

    /// Whether nothing of the saved rate is used, so that a new bucket would do the same.
    func isFull(now: UInt64) -> Bool {
        var copy = self
        copy.refill(now)
        return copy.tokens >= perSecond * Self.burstSeconds
    }

    /// Changes the rate; a debt stays.
    mutating func setRate(_ perSecond: Double, now: UInt64) {
        refill(now)
        self.perSecond = perSecond
        tokens = min(tokens, perSecond * Self.burstSeconds)
    }

    /// Takes `amount` and returns for how many seconds the client must hold back until nothing is owed.
    mutating func take(_ amount: Double, now: UInt64) -> Double {
        refill(now)
        tokens -= amount
        return tokens < 0 ? -tokens / perSecond : 0
    }

    /// Takes `amount` if nothing is owed then; whether it did.
    mutating func takeIfThere(_ amount: Double, now: UInt64) -> Bool {
        refill(now)
        guard tokens >= amount else { return false }
        tokens -= amount
        return true
    }

    private mutating func refill(_ now: UInt64) {
        guard now > updatedNanoseconds else { return }
        let seconds = Double(now - updatedNanoseconds) / 1e9
        tokens = min(perSecond * Self.burstSeconds, tokens + seconds * perSecond)
        updatedNanoseconds = now
    }
}
