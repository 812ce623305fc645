import Testing

@testable import CommitLog

struct FlushQueueTests {
    private var queue = FlushQueue<String>()

    @Test mutating func whatSomebodyWaitsForIsDueAtOnce() {
        queue.roundEnded(1000, tookNanoseconds: 500)
        queue.add("waited for", .now, deadline: 100_000)
        queue.add("full", .soon, deadline: 100_000)
        #expect(queue.takeDue(1001) == ["waited for"])
        #expect(queue.takeDue(1001).isEmpty)
    }

    @Test(arguments: [(500, 1500), (20_000_000, FlushQueue<String>.restNanosecondsMax)] as [(UInt64, UInt64)])
    mutating func theDiskRestsBetweenRoundsThatNobodyWaitsFor(took: UInt64, rest: UInt64) {
        queue.roundEnded(1000, tookNanoseconds: took)
        queue.add("full", .soon, deadline: 100_000_000)
        #expect(queue.deadline == 1000 + rest)
        #expect(queue.takeDue(1000 + rest - 1).isEmpty)
        #expect(queue.takeDue(1000 + rest) == ["full"])
        #expect(queue.deadline == nil)
    }

    @Test mutating func noRestIsLongerThanTheDeadline() {
        queue.add("written", .later, deadline: 700)
        queue.add("written later", .later, deadline: 900)
        queue.roundEnded(500, tookNanoseconds: 1000)
        queue.add("full", .soon, deadline: 1500)
        #expect(queue.deadline == 700)
        #expect(queue.takeDue(800) == ["written"])
        #expect(queue.deadline == 900)
        #expect(queue.takeDue(3500) == ["full", "written later"])
    }
}
