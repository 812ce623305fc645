import CLinux
import Glibc
import Synchronization
import System

/// One thread's loop over epoll, timers and a mailbox.
///
/// A turn collects events, takes the mailbox, fires timers and runs what was asked for its end. Everything but `post`,
/// `stop`,
/// `join` and `isOnLoop` belongs to the loop's thread, or to the thread that sets it up before it runs.
public final class EventLoop: @unchecked Sendable {
    // Unchecked: other threads touch only `mailbox`, the atomics and `ended`; the rest is touched by one thread, which
    // `isOnLoop` checks in debug builds.

    /// Pieces of work in the mailbox at most; `post` refuses more.
    public static let mailboxCountMax = 1 << 16
    /// Bytes of the buffer that all connections of the loop read through.
    public static let scratchBytes = 256 << 10

    private struct Slot {
        let number: UInt32
        let handler: any EventHandler
    }

    private struct Mailbox {
        var work: [@Sendable () -> Void] = []
        var isClosed = false
    }

    /// The name of the loop's thread.
    public let name: String
    private let clock: any Clock
    private let epoll: FileDescriptor
    private let wake: FileDescriptor
    private let mailbox = Mutex(Mailbox())
    private let stopRequested = Atomic<Bool>(false)
    private let owner = Atomic<Int32>(0)
    private let ended = Condition<(isRunning: Bool, thread: Thread?)>((false, nil))

    private var slots: [Slot?] = []
    private var nextNumber: UInt32 = 0
    private var timers = TimerHeap()
    private var enqueued: [() -> Void] = []
    private var turnEnders: [any EventHandler] = []
    private let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: 256)
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: scratchBytes, alignment: 4096)
    /// Bytes of the connections' own receive buffers.
    var receiveBufferBytes = 0
    /// Bytes in memory that the connections have not sent yet.
    var outputBytes = 0

    /// Nanoseconds of the monotonic clock when the turn's events were collected.
    public private(set) var now: UInt64
    /// Bytes that the connections' receive buffers may take together; a connection that needs more waits.
    public var receiveBufferBytesMax = 256 << 20
    /// Bytes in memory that the connections may have unsent together; beyond it each sends all that it has before more
    /// of its requests are read.
    public var outputBytesMax = 256 << 20

    /// A loop that does not run yet.
    public init(name: String, clock: any Clock = SystemClock()) throws(SystemError) {
        self.name = name
        self.clock = clock
        let epollRaw = cl_epoll_create()
        guard epollRaw >= 0 else { throw SystemError("epoll_create1", name) }
        epoll = FileDescriptor(owning: epollRaw)
        let wakeRaw = cl_eventfd()
        guard wakeRaw >= 0 else { throw SystemError("eventfd", name) }
        wake = FileDescriptor(owning: wakeRaw)
        now = clock.monotonicNanoseconds
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u64 = UInt64.max
        guard epoll_ctl(epollRaw, EPOLL_CTL_ADD, wakeRaw, &event) == 0 else { throw SystemError("epoll_ctl", name) }
    }

    deinit {
        events.deallocate()
        scratch.deallocate()
    }

    // MARK: - From any thread

    /// Whether the caller may touch what belongs to the loop.
    public var isOnLoop: Bool {
        let thread = owner.load(ordering: .acquiring)
        return thread == 0 || thread == cl_thread_id()
    }

    /// Has `work` run on the loop's thread, in the order of the calls.
    ///
    /// - Returns: false when the mailbox is full or the loop has ended; the work is then not kept.
    @discardableResult
    public func post(_ work: @escaping @Sendable () -> Void) -> Bool {
        let (accepted, wasEmpty) = mailbox.withLock { mailbox -> (Bool, Bool) in
            guard !mailbox.isClosed, mailbox.work.count < Self.mailboxCountMax else { return (false, false) }
            mailbox.work.append(work)
            return (true, mailbox.work.count == 1)
        }
        if wasEmpty { wakeUp() }
        return accepted
    }

    /// Ends the loop after its present turn: every handler gives up its descriptor, what is in the mailbox then is
    /// still run.
    public func stop() {
        stopRequested.store(true, ordering: .releasing)
        wakeUp()
    }

    /// Runs the loop on a thread of its own.
    public func start() {
        ended.update { state in
            precondition(!state.isRunning && state.thread == nil, "loop \(name) runs already")
            state.isRunning = true
            state.thread = Thread(name) { self.run() }
        }
    }

    /// Waits until a loop that was started has ended; returns at once for one that was not.
    public func join() {
        _ = ended.wait(milliseconds: nil) { $0.isRunning ? nil : true }
        let thread = ended.withLock { state in
            defer { state.thread = nil }
            return state.thread
        }
        thread?.join()
    }

    private func wakeUp() {
        var one: UInt64 = 1
        _ = retryingInterrupts { Glibc.write(wake.raw, &one, 8) }
    }

    // MARK: - Descriptors

    /// Tells `handler` when the descriptor is ready for any of `interest`, as long as it is.
    public func register(
        _ descriptor: Int32, _ interest: Readiness, _ handler: any EventHandler
    ) throws(SystemError) -> Registration {
        assert(isOnLoop)
        precondition(descriptor >= 0)
        nextNumber = nextNumber == UInt32.max - 1 ? 1 : nextNumber + 1
        let registration = Registration(descriptor: descriptor, number: nextNumber)
        var event = epoll_event()
        event.events = interest.rawValue
        event.data.u64 = registration.packed
        guard epoll_ctl(epoll.raw, EPOLL_CTL_ADD, descriptor, &event) == 0 else {
            throw SystemError("epoll_ctl", "descriptor \(descriptor)")
        }
        while slots.count <= Int(descriptor) { slots.append(nil) }
        slots[Int(descriptor)] = Slot(number: registration.number, handler: handler)
        return registration
    }

    /// Changes what the handler is told of.
    public func modify(_ registration: Registration, _ interest: Readiness) {
        assert(isOnLoop)
        guard isRegistered(registration) else { return }
        var event = epoll_event()
        event.events = interest.rawValue
        event.data.u64 = registration.packed
        let code = epoll_ctl(epoll.raw, EPOLL_CTL_MOD, registration.descriptor, &event)
        precondition(code == 0, "epoll_ctl: \(String(cString: strerror(errno)))")
    }

    /// Forgets the descriptor; called before it is closed.
    public func deregister(_ registration: Registration) {
        assert(isOnLoop)
        guard isRegistered(registration) else { return }
        slots[Int(registration.descriptor)] = nil
        var event = epoll_event()
        _ = epoll_ctl(epoll.raw, EPOLL_CTL_DEL, registration.descriptor, &event)
    }

    private func isRegistered(_ registration: Registration) -> Bool {
        Int(registration.descriptor) < slots.count
            && slots[Int(registration.descriptor)]?.number == registration.number
    }

    // MARK: - Time and order

    /// Has `body` run once, at least `nanoseconds` from now. Fires at most about a millisecond late.
    @discardableResult
    public func schedule(afterNanoseconds nanoseconds: UInt64, _ body: @escaping () -> Void) -> TimerID {
        assert(isOnLoop)
        return timers.insert(deadline: clock.monotonicNanoseconds &+ nanoseconds, body)
    }

    /// Has `body` run once, at least `milliseconds` from now.
    @discardableResult
    public func schedule(afterMilliseconds milliseconds: Int, _ body: @escaping () -> Void) -> TimerID {
        schedule(afterNanoseconds: UInt64(max(0, milliseconds)) * 1_000_000, body)
    }

    /// Takes a timer back; one that has fired is ignored.
    public func cancel(_ timer: TimerID) {
        assert(isOnLoop)
        timers.cancel(timer)
    }

    /// Has `body` run on the loop after what runs now, in this turn or the next.
    public func enqueue(_ body: @escaping () -> Void) {
        assert(isOnLoop)
        enqueued.append(body)
    }

    /// Has `handler.turnEnded()` called once, after everything else of this turn.
    public func atTurnEnd(_ handler: any EventHandler) {
        assert(isOnLoop)
        turnEnders.append(handler)
    }

    // MARK: - The loop

    /// Runs the loop on the calling thread until it is stopped.
    public func run() {
        // A write to a connection that the peer has closed must be an error, not the end of the process. send has a
        // flag for this, sendfile has not.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        owner.store(cl_thread_id(), ordering: .releasing)
        while !stopRequested.load(ordering: .acquiring) { turn() }
        finish()
        ended.update { $0.isRunning = false }
    }

    private func turn() {
        let count = Int(retryingInterrupts { epoll_wait(epoll.raw, events.baseAddress, 256, waitMilliseconds()) })
        precondition(count >= 0, "epoll_wait: \(String(cString: strerror(errno)))")
        now = clock.monotonicNanoseconds
        for index in 0..<count { dispatch(events[index]) }
        takeMailbox()
        while let body = timers.popDue(now) { body() }
        let bodies = enqueued
        enqueued.removeAll(keepingCapacity: bodies.count < 1024)
        for body in bodies { body() }
        let handlers = turnEnders
        turnEnders.removeAll(keepingCapacity: handlers.count < 1024)
        for handler in handlers { handler.turnEnded() }
    }

    private func waitMilliseconds() -> Int32 {
        guard enqueued.isEmpty, turnEnders.isEmpty else { return 0 }
        guard let deadline = timers.nextDeadline() else { return -1 }
        let now = clock.monotonicNanoseconds
        guard deadline > now else { return 0 }
        return Int32(min((deadline - now + 999_999) / 1_000_000, 3_600_000))
    }

    private func dispatch(_ event: epoll_event) {
        let packed = event.data.u64
        if packed == UInt64.max {
            var value: UInt64 = 0
            _ = retryingInterrupts { Glibc.read(wake.raw, &value, 8) }
            return
        }
        let descriptor = Int(UInt32(truncatingIfNeeded: packed))
        guard descriptor < slots.count, let slot = slots[descriptor], slot.number == UInt32(packed >> 32) else {
            return
        }
        slot.handler.ready(Readiness(rawValue: event.events))
    }

    private func takeMailbox() {
        let work = mailbox.withLock { mailbox in
            defer { mailbox.work = [] }
            return mailbox.work
        }
        for piece in work { piece() }
    }

    private func finish() {
        for slot in slots { slot?.handler.loopStopped() }
        slots = []
        timers.removeAll()
        let rest = mailbox.withLock { mailbox in
            mailbox.isClosed = true
            defer { mailbox.work = [] }
            return mailbox.work
        }
        for piece in rest { piece() }
        enqueued = []
        turnEnders = []
    }
}
