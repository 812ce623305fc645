import System
import Testing

struct LockTests {
    @Test func oneThreadAtATimeChangesTheState() {
        let lock = Lock(0)
        let threads = (0..<4).map { _ in
            Thread("adder") {
                for _ in 0..<10_000 { lock.withLock { $0 += 1 } }
            }
        }
        for thread in threads { thread.join() }
        #expect(lock.withLock { $0 } == 40_000)
    }

    @Test func anErrorLetsGoOfTheLock() {
        struct Failure: Error {}
        let lock = Lock(1)
        #expect(throws: Failure.self) { try lock.withLock { _ throws(Failure) in throw Failure() } }
        #expect(lock.withLock { $0 } == 1)
    }
}
