import Testing

@testable import Histogrammer

@Suite struct RecentPulsesTests {
    private static func events(_ content: RecentPulses.Content) -> Int {
        switch content {
        case .metadata: 0
        case .vetoed(let events): events
        case .counted(let times, _, _): times.count
        }
    }

    private func append(_ pulses: inout RecentPulses, _ time: Int64, events: Int) {
        let times = [Int32](repeating: 1, count: events)
        pulses.append(time, events: events, .counted(times: times, pixels: times, isKnown: true))
    }

    private func takeOut(_ pulses: inout RecentPulses, _ moment: Int64) -> [Int]? {
        var taken: [Int] = []
        return pulses.takeOut(atOrAfter: moment) { taken.append(Self.events($0)) } ? taken : nil
    }

    @Test func takesOutWhatIsAtOrAfterAMoment() {
        var pulses = RecentPulses()
        for time in [1, 3, 2, 3, 4] as [Int64] { append(&pulses, time, events: Int(time)) }
        pulses.append(3, events: 0, .vetoed(events: 30))
        pulses.append(5, events: 0, .metadata)
        #expect(pulses.latestNanoseconds == 5)
        #expect(takeOut(&pulses, 3) == [3, 3, 4, 30, 0])
        #expect(pulses.latestNanoseconds == 2)
        #expect(pulses.count == 2)
        #expect(pulses.bytes == 2 * RecentPulses.entryBytes + 3 * 8)
        #expect(takeOut(&pulses, 3) == [])
    }

    @Test func keepsToItsBytes() {
        let size = RecentPulses.entryBytes + 100 * 8
        var pulses = RecentPulses(bytesMax: 10 * size)
        for time in 0..<1000 as Range<Int64> {
            append(&pulses, time, events: 100)
            #expect(pulses.bytes <= 10 * size)
        }
        #expect(pulses.count == 10)
        // Pulse 989 was dropped: what is from then on is no longer all here.
        #expect(takeOut(&pulses, 989) == nil)
        #expect(pulses.count == 10)
        #expect(takeOut(&pulses, 990)?.count == 10)
        #expect(pulses.bytes == 0)
        #expect(pulses.latestNanoseconds == 989)
    }

    @Test func dropsAPulseThatIsTooLarge() {
        var pulses = RecentPulses(bytesMax: 1000)
        append(&pulses, 1, events: 10)
        append(&pulses, 2, events: 1000)
        #expect(pulses.bytes <= 1000)
        #expect(takeOut(&pulses, 2) == nil)
        #expect(takeOut(&pulses, 3) == [])
    }

    @Test func keepsToItsAge() {
        var pulses = RecentPulses()
        let age = RecentPulses.ageMaxNanoseconds
        append(&pulses, 0, events: 1)
        append(&pulses, age, events: 2)
        #expect(pulses.count == 2)
        append(&pulses, age + 1, events: 3)
        // One that comes late is only remembered by its time.
        append(&pulses, 0, events: 4)
        #expect(pulses.count == 2)
        #expect(takeOut(&pulses, 0) == nil)
        #expect(takeOut(&pulses, 1) == [2, 3])
        // Times at the ends of their range do no harm.
        append(&pulses, .min, events: 5)
        append(&pulses, .max, events: 6)
        append(&pulses, .min, events: 7)
        #expect(pulses.count == 1)
    }
}
