/// The vetoes of the latest pulses of one partition.
///
/// A pu00 comes before the events of its pulse in the same partition, and pulses of several sources may be mixed, so
/// the last few are kept.
struct PulseVetoes {
    /// How many pulses are remembered.
    static let countMax = 64

    private var times = [Int64](repeating: .min, count: countMax)
    private var vetoes = [UInt32](repeating: 0, count: countMax)
    private var next = 0
    private var latest = 0

    /// Remembers a pulse; vetoes that the sender does not know count as none.
    mutating func note(_ timeNanoseconds: Int64, _ mask: UInt32?) {
        times[next] = timeNanoseconds
        vetoes[next] = mask ?? 0
        latest = next
        next = (next + 1) % Self.countMax
    }

    /// Whether the pulse was vetoed; nil when nothing is known of it.
    mutating func isVetoed(_ timeNanoseconds: Int64) -> Bool? {
        if times[latest] == timeNanoseconds { return vetoes[latest] != 0 }
        guard let index = times.lastIndex(of: timeNanoseconds) else { return nil }
        return vetoes[index] != 0
    }
}
