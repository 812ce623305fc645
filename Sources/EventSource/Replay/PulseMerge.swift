/// Brings the pulses of several banks into one order: events of the same moment belong to the same pulse.
struct PulseMerge {
    /// One pulse: its time, and which pulse of each bank it is.
    struct Pulse {
        /// In ns since the epoch.
        var timeNanoseconds: Int64
        /// The banks that have this pulse, with the number that it has there.
        var parts: [(bank: Int, pulse: Int)]
    }

    private let banks: [EventBank]
    private var heads: [Int]

    /// Begins at the first pulse of every bank.
    init(_ banks: [EventBank]) {
        self.banks = banks
        heads = banks.map { _ in 0 }
    }

    /// The next pulse; nil at the end.
    mutating func next() -> Pulse? {
        var earliest: Int64?
        for (bank, head) in heads.enumerated() where head < banks[bank].pulseTimes.count {
            let time = banks[bank].pulseTimes[head]
            if earliest.map({ time < $0 }) ?? true { earliest = time }
        }
        guard let earliest else { return nil }
        var pulse = Pulse(timeNanoseconds: earliest, parts: [])
        for bank in heads.indices {
            let head = heads[bank]
            guard head < banks[bank].pulseTimes.count, banks[bank].pulseTimes[head] == earliest else { continue }
            pulse.parts.append((bank, head))
            heads[bank] += 1
        }
        return pulse
    }

    /// The times of all pulses.
    static func times(_ banks: [EventBank]) -> [Int64] {
        if banks.count == 1 { return banks[0].pulseTimes }
        var merge = PulseMerge(banks)
        var times: [Int64] = []
        while let pulse = merge.next() { times.append(pulse.timeNanoseconds) }
        return times
    }
}
