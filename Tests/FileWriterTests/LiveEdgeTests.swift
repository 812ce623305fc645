import Testing

@testable import FileWriter

@Suite struct LiveEdgeTests {
    func hold(_ edge: inout LiveEdge, _ milliseconds: Int64, bytes: Int = 1000, now: Int64) -> Bool {
        [UInt8](repeating: 7, count: bytes).withUnsafeBytes {
            edge.hold($0, topic: 0, timestampMilliseconds: milliseconds, now: now)
        }
    }

    @Test func youngRecordsWaitAndKeepTheirOrder() {
        var edge = LiveEdge()
        #expect(!hold(&edge, 0, now: 1000))
        for time: Int64 in [990, 995] { #expect(hold(&edge, time, now: 1000)) }
        // An old record behind waiting ones must not overtake them.
        #expect(hold(&edge, 10, now: 1000))
        #expect(edge.next(now: 1000, all: false) == nil)
        let later = 990 + LiveEdge.holdMilliseconds
        #expect(edge.next(now: later, all: false)?.timestampMilliseconds == 990)
        #expect(edge.next(now: later, all: false) == nil)
        #expect(edge.next(now: later, all: true)?.timestampMilliseconds == 995)
        #expect(edge.next(now: later, all: true)?.timestampMilliseconds == 10)
        #expect(edge.next(now: later, all: true) == nil)
    }

    @Test func recordsThatWerePassedOnLeaveMemory() {
        var edge = LiveEdge()
        for index: Int64 in 0..<10 { #expect(hold(&edge, index, now: 0)) }
        for _ in 0..<9 { #expect(edge.next(now: 0, all: true)?.value.count == 1000) }
        #expect(edge.retainedBytes == 1000)
    }

    @Test func tooManyBytesPushTheOldestOut() {
        var edge = LiveEdge()
        for _ in 0..<5 { _ = hold(&edge, 100, bytes: LiveEdge.bytesMax / 4, now: 100) }
        #expect(edge.next(now: 100, all: false) != nil)
        #expect(edge.next(now: 100, all: false) == nil)
    }
}
