import Glibc
import Synchronization
import System
import Testing

@testable import Reactor

extension EventLoop {
    /// Runs `body` on the loop and waits for its value.
    func sync<R: Sendable>(_ body: @escaping @Sendable () -> R) -> R {
        let result = Condition<R?>(nil)
        precondition(
            post {
                let value = body(); result.update { $0 = value }
            })
        return result.wait(milliseconds: 20_000) { $0 }!
    }

    /// Waits until the timers that are due have fired: the first turn may still be before its timers when it answers.
    func settle() {
        sync {}
        sync {}
    }
}

@Suite struct EventLoopTests {
    @Test func timersFireInOrderOfTheirDeadlinesAndNotWhenCancelled() throws {
        let loop = try EventLoop(name: "timers")
        let fired = Condition<[Int]>([])
        var cancelled: [TimerID] = []
        for number in [5, 1, 4, 2, 3] {
            loop.schedule(afterMilliseconds: number) { fired.update { $0.append(number) } }
            cancelled.append(loop.schedule(afterMilliseconds: number) { fired.update { $0.append(-number) } })
        }
        for timer in cancelled { loop.cancel(timer) }
        loop.start()
        let order = fired.wait(milliseconds: 20_000) { $0.count == 5 ? $0 : nil }
        #expect(order == [1, 2, 3, 4, 5])
        loop.stop()
        loop.join()
        #expect(fired.withLock { $0 } == [1, 2, 3, 4, 5])
    }

    @Test func theHeapKeepsOrderThroughManyCancellations() {
        var heap = TimerHeap()
        let fired = Mutex<[UInt64]>([])
        var generator = SystemRandomNumberGenerator()
        var timers: [(TimerID, UInt64)] = []
        for _ in 0..<2000 {
            let deadline = UInt64.random(in: 0..<1000, using: &generator)
            timers.append((heap.insert(deadline: deadline) { fired.withLock { $0.append(deadline) } }, deadline))
        }
        timers.shuffle()
        for (timer, _) in timers[..<1900] { heap.cancel(timer) }
        #expect(heap.count == 100)
        while let body = heap.popDue(500) { body() }
        let left: [UInt64] = timers[1900...].map { $0.1 }
        let due: [UInt64] = left.filter { $0 <= 500 }.sorted()
        #expect(fired.withLock { $0 } == due)
        #expect(heap.nextDeadline() == left.filter { $0 > 500 }.min())
    }

    @Test func workFromManyThreadsRunsOnceInEachThreadsOrder() throws {
        let loop = try EventLoop(name: "mailbox")
        loop.start()
        let seen = Condition<[Int: [Int]]>([:])
        let threads = (0..<4).map { thread in
            Thread("poster") {
                for number in 0..<500 {
                    while !loop.post({ seen.update { $0[thread, default: []].append(number) } }) { sched_yield() }
                }
            }
        }
        for thread in threads { thread.join() }
        let done = seen.wait(milliseconds: 20_000) {
            $0.values.allSatisfy { $0.count == 500 } && $0.count == 4 ? $0 : nil
        }
        #expect(done?.values.allSatisfy { $0 == Array(0..<500) } == true)
        loop.stop()
        loop.join()
    }

    @Test func theMailboxHasAnEnd() throws {
        let loop = try EventLoop(name: "full")
        let count = Atomic<Int>(0)
        for _ in 0..<EventLoop.mailboxCountMax { #expect(loop.post { _ = count.wrappingAdd(1, ordering: .relaxed) }) }
        #expect(!loop.post { _ = count.wrappingAdd(1, ordering: .relaxed) })
        loop.start()
        loop.stop()
        loop.join()
        #expect(count.load(ordering: .relaxed) == EventLoop.mailboxCountMax)
        #expect(!loop.post {}, "an ended loop takes no work")
    }

    @Test func enqueuedWorkRunsAfterTheWorkThatAskedForIt() throws {
        let loop = try EventLoop(name: "order")
        let order = Condition<[String]>([])
        loop.start()
        loop.post {
            loop.enqueue { order.update { $0.append("second") } }
            order.update { $0.append("first") }
        }
        #expect(order.wait(milliseconds: 20_000) { $0.count == 2 ? $0 : nil } == ["first", "second"])
        loop.stop()
        loop.join()
    }

    @Test func aPortInUseIsExplained() throws {
        let loop = try EventLoop(name: "ports")
        let first = try TCPListener(Endpoint(host: "127.0.0.1", port: 0), loop) { _, _ in }
        do {
            _ = try TCPListener(first.endpoint, loop) { _, _ in }
            Issue.record("the port was taken twice")
        } catch {
            #expect("\(error)".hasPrefix("port \(first.endpoint.port) is in use on 127.0.0.1"))
        }
        first.close()
    }
}
