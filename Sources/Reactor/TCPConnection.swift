import Bytes
import CLinux
import Glibc
import Observability
import System

/// What a connection's owner made of the bytes that it was shown.
public struct Consumption: Sendable {
    /// Bytes that are done with, from the start.
    public var consumed: Int
    /// Bytes behind `consumed` that the owner needs to see at once before it can go on; 0 when it does not know.
    public var wanted: Int

    /// `consumed` bytes are done with, the next message has `wanted` bytes.
    public init(consumed: Int, wanted: Int) {
        precondition(consumed >= 0 && wanted >= 0)
        self.consumed = consumed
        self.wanted = wanted
    }
}

/// The owner of a connection. All methods run on the loop's thread.
public protocol ConnectionDelegate: AnyObject {
    /// Bytes have arrived. The buffer belongs to the connection and may be changed until the method returns; what is
    /// not consumed is shown again, with more behind it. Stops early when `connection.wantsInput` has become false.
    func received(_ bytes: UnsafeMutableRawBufferPointer, on connection: TCPConnection) -> Consumption
    /// The connection is gone; called once.
    func closed(_ connection: TCPConnection, reason: String)
}

/// A non-blocking TCP connection of one loop.
///
/// Small messages are shown to the delegate in the loop's own buffer and leave no memory behind; the connection takes
/// memory only for messages that are incomplete, as their bytes arrive, and gives it back after a second without input.
/// Output is gathered during a turn of the loop and sent at its end, and between large messages.
public final class TCPConnection: EventHandler {
    /// The limits of one connection.
    public struct Limits: Sendable {
        /// Unsent bytes above which no more requests are read.
        public var outputBytesMax = 64 << 20
        /// Those of them that are in memory and not in files, above which no more requests are read.
        public var outputMemoryBytesMax = 4 << 20
        /// How long an incomplete message may take, apart from the time that its bytes are worth at
        /// `messageBytesPerSecondMin`.
        public var messageSecondsMax = 30
        /// The slowest pace at which a large message may arrive.
        public var messageBytesPerSecondMin = 1 << 20
        /// How long there may be no byte in either direction.
        public var idleSecondsMax = 600

        /// The defaults.
        public init() {}
    }

    /// After so many bytes of input, output does not wait for the end of the turn: a peer that keeps a few large requests
    /// under way would get all answers at once, and the loop would then wait for it.
    static let answerAfterBytes = 256 << 10
    /// Bytes read in one turn at most.
    static let readPerTurnMax = 4 << 20
    /// How long an empty receive buffer is kept for the next large message.
    static let bufferKeptSeconds = 1

    /// How long a connection that is closed waits for the peer's end.
    static let shutDownMilliseconds = 1000
    /// Bytes that are read and thrown away meanwhile at most.
    static let discardedBytesMax = 16 << 20

    /// The loop that the connection belongs to.
    public let loop: EventLoop
    /// The peer's address.
    public let remote: Endpoint
    /// The address that the peer connected to.
    public let local: Endpoint
    /// Whether the connection is gone.
    public private(set) var isClosed = false
    /// Bytes received so far.
    public private(set) var receivedBytes = 0
    /// Bytes sent so far.
    public private(set) var sentBytes = 0

    private let socket: Int32
    private let limits: Limits
    private var delegate: (any ConnectionDelegate)?
    private var registration: Registration?
    private var interest: Readiness = .readable
    private var input = ReceiveBuffer()
    private var wanted = 0
    private var output = OutputQueue()
    /// Bytes received since output was sent.
    private var unanswered = 0
    private var isPaused = false
    private var isOutputFull = false
    private var isStalled = false
    private var isDelivering = false
    private var isTurnEndAsked = false
    private var needsDelivery = false
    private var isSocketFull = false
    private var closingReason: String?
    private var isShutDown = false
    private var discardedBytes = 0
    private var lastActivity: UInt64
    private var messageStart: UInt64?
    private var check: (timer: TimerID, deadline: UInt64)?

    /// Takes over a connected, non-blocking socket; called on the loop.
    public init(
        _ descriptor: consuming FileDescriptor, remote: Endpoint, loop: EventLoop, limits: Limits,
        delegate: any ConnectionDelegate
    ) throws(SystemError) {
        self.loop = loop
        self.remote = remote
        self.limits = limits
        self.delegate = delegate
        local = Endpoint.local(of: descriptor.raw) ?? Endpoint(host: "unknown", port: 0)
        lastActivity = loop.now
        Self.configure(descriptor.raw)
        socket = descriptor.release()
        do {
            registration = try loop.register(socket, interest, self)
        } catch {
            Glibc.close(socket)
            throw error
        }
        armCheck(seconds: limits.idleSecondsMax)
    }

    private static func configure(_ socket: Int32) {
        func set(_ level: Int32, _ option: Int32, _ value: Int32) {
            var value = value
            setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
        }
        set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        set(SOL_SOCKET, SO_KEEPALIVE, 1)
        set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, 30)
        set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 10)
        set(Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
    }

    // MARK: - For the owner

    /// Whether the owner should take more input: neither paused, nor too much unsent, nor closing.
    public var wantsInput: Bool { !isPaused && !isOutputFull && !isClosed && closingReason == nil }

    /// Bytes that are not sent yet.
    public var unsentBytes: Int { output.byteCount }

    /// Bytes of memory that the connection holds for input.
    public var receiveBufferBytes: Int { input.capacity }

    /// Sends a copy of `bytes` at the end of the turn.
    public func send(_ bytes: UnsafeRawBufferPointer) {
        guard !isClosed else { return }
        change { $0.append(bytes) }
        outputGrew()
    }

    /// Sends bytes at the end of the turn without copying them.
    public func send(_ writer: consuming ByteWriter) {
        guard !isClosed else { return }
        let before = output.memoryBytes
        output.append(writer)
        loop.outputBytes += output.memoryBytes - before
        outputGrew()
    }

    /// Sends a stretch of a file at the end of the turn.
    public func send(_ range: FileRange) {
        guard !isClosed else { return }
        change { $0.append(range) }
        outputGrew()
    }

    /// Takes no more input until `resumeInput`.
    public func pauseInput() {
        isPaused = true
        if !isDelivering { updateInterest() }
    }

    /// Takes input again, first what was received but not consumed.
    public func resumeInput() {
        guard isPaused, !isClosed else { return }
        isPaused = false
        // An incomplete message is not late for as long as nobody took it.
        if messageStart != nil { messageStart = loop.now }
        deliverLater()
    }

    /// Closes the connection after everything that was given to `send` has gone out; takes no more input.
    public func closeWhenSent(_ reason: String) {
        guard !isClosed, closingReason == nil else { return }
        closingReason = reason
        askTurnEnd()
    }

    /// Closes the connection now.
    public func close(_ reason: String) {
        guard !isClosed else { return }
        isClosed = true
        if let registration { loop.deregister(registration) }
        registration = nil
        Glibc.close(socket)
        if let check { loop.cancel(check.timer) }
        check = nil
        change { $0 = OutputQueue() }
        // The delegate may be looking at the buffer: `deliver` frees it then.
        if !isDelivering { releaseInput() }
        let delegate = self.delegate
        self.delegate = nil
        delegate?.closed(self, reason: reason)
    }

    // MARK: - For the loop

    public func loopStopped() { close("the broker stops") }

    public func ready(_ events: Readiness) {
        if isShutDown { return discard() }
        if events.contains(.writable) { isSocketFull = false }
        if events.contains(.readable), wantsInput { read() }
        if !isClosed, !events.isDisjoint(with: .failed), !(events.contains(.readable) && wantsInput) {
            return close("the connection broke")
        }
        if events.contains(.writable) { askTurnEnd() }
        if !isClosed { updateInterest() }
    }

    public func turnEnded() {
        isTurnEndAsked = false
        guard !isClosed else { return }
        if needsDelivery {
            needsDelivery = false
            deliverHeld()
        }
        flush()
        guard !isClosed else { return }
        if output.isEmpty, closingReason != nil { shutDown() }
        updateInterest()
    }

    private func askTurnEnd() {
        guard !isTurnEndAsked else { return }
        isTurnEndAsked = true
        loop.atTurnEnd(self)
    }

    private func updateInterest() {
        guard let registration else { return }
        var new: Readiness = []
        if wantsInput && !isStalled || isShutDown { new.insert(.readable) }
        if isSocketFull { new.insert(.writable) }
        guard new != interest else { return }
        interest = new
        loop.modify(registration, new)
    }

    // MARK: - Output

    /// Changes what is to be sent and keeps the loop's account of it.
    private func change<R>(_ body: (inout OutputQueue) -> R) -> R {
        let before = output.memoryBytes
        defer { loop.outputBytes += output.memoryBytes - before }
        return body(&output)
    }

    private func outputGrew() {
        let isTooMuch =
            output.byteCount > limits.outputBytesMax || output.memoryBytes > limits.outputMemoryBytesMax
            || loop.outputBytes > loop.outputBytesMax
        if isTooMuch { isOutputFull = true }
        if !isSocketFull { askTurnEnd() }
    }

    private func flush() {
        guard !output.isEmpty, !isSocketFull else { return }
        unanswered = 0
        let (sent, progress) = change { $0.send(to: socket) }
        sentBytes += sent
        if sent > 0 { lastActivity = loop.now }
        switch progress {
        case .done: break
        case .more: isSocketFull = true
        case .failed(let reason): return close(reason)
        }
        if isOutputFull, hasOutputRoom {
            isOutputFull = false
            deliverLater()
        }
    }

    /// Whether so much was sent that more requests may be read. One that has sent everything may always go on.
    private var hasOutputRoom: Bool {
        output.byteCount <= limits.outputBytesMax / 2 && output.memoryBytes <= limits.outputMemoryBytesMax / 2
            && (output.isEmpty || loop.outputBytes <= loop.outputBytesMax)
    }

    /// Ends the sending side and waits a moment for the peer to do the same: closing while the peer still sends would
    /// reset the connection, and the peer could lose the last answers.
    private func shutDown() {
        guard !isShutDown, let closingReason else { return }
        isShutDown = true
        shutdown(socket, Int32(SHUT_WR))
        loop.schedule(afterMilliseconds: Self.shutDownMilliseconds) { [weak self] in self?.close(closingReason) }
    }

    /// Reads what nobody wants any more.
    private func discard() {
        let count = retryingInterrupts { recv(socket, loop.scratch.baseAddress, loop.scratch.count, 0) }
        if count < 0, errno == EAGAIN { return }
        discardedBytes += max(0, count)
        if count <= 0 || discardedBytes > Self.discardedBytesMax { close(closingReason ?? "the connection broke") }
    }

    // MARK: - Input

    private func read() {
        var budget = Self.readPerTurnMax
        while budget > 0, wantsInput, !isStalled {
            let throughScratch = input.count == 0 && input.capacity < EventLoop.scratchBytes
            guard throughScratch || makeRoom() else { return stall() }
            let space = throughScratch ? scratchSpace() : messageSpace()
            let count = retryingInterrupts { recv(socket, space.baseAddress, space.count, 0) }
            guard count > 0 else {
                if count < 0, errno == EAGAIN { return }
                return close(count == 0 ? "the client closed the connection" : String(cString: strerror(errno)))
            }
            budget -= count
            receivedBytes += count
            lastActivity = loop.now
            if throughScratch {
                let bytes = UnsafeMutableRawBufferPointer(rebasing: loop.scratch[..<count])
                let consumed = deliver(bytes)
                if !isClosed, consumed < count {
                    hold { $0.append(UnsafeRawBufferPointer(rebasing: bytes[consumed...])) }
                }
            } else {
                input.filled(count)
                deliverHeld()
            }
            unanswered += count
            if unanswered >= Self.answerAfterBytes { flush() }
            // A short read has emptied the socket.
            if count < space.count { return }
        }
    }

    /// The loop's buffer; a small part of it when the loop's connections hold too much memory, so that small requests
    /// still pass.
    private func scratchSpace() -> UnsafeMutableRawBufferPointer {
        let isScarce = loop.receiveBufferBytes + EventLoop.scratchBytes > loop.receiveBufferBytesMax
        return UnsafeMutableRawBufferPointer(rebasing: loop.scratch[..<(isScarce ? 4096 : EventLoop.scratchBytes)])
    }

    /// The free part of the buffer; for a large message no more than up to its end, so that nothing has to be moved
    /// afterwards.
    private func messageSpace() -> UnsafeMutableRawBufferPointer {
        let space = input.space
        guard wanted > EventLoop.scratchBytes, wanted > input.count else { return space }
        return UnsafeMutableRawBufferPointer(rebasing: space[..<min(space.count, wanted - input.count)])
    }

    /// Makes room for more of the present message: at most as much again as has arrived, or 256 KiB for a message that
    /// has shown its first 16 KiB. False when the loop's connections hold too much memory.
    private func makeRoom() -> Bool {
        let held = input.count
        let step = held < 16 << 10 ? (64 << 10) - held : max(held, EventLoop.scratchBytes)
        let target = wanted > held ? min(wanted, held + step) : held + 4096
        let more = target - input.capacity
        if more > 0, held > 0, loop.receiveBufferBytes + more > loop.receiveBufferBytesMax { return false }
        hold { $0.makeCapacity(target) }
        return true
    }

    /// Changes the buffer and keeps the loop's account of it.
    private func hold(_ change: (inout ReceiveBuffer) -> Void) {
        let before = input.capacity
        change(&input)
        loop.receiveBufferBytes += input.capacity - before
        if input.count > 0, messageStart == nil { messageStart = loop.now }
        armCheck(seconds: Self.bufferKeptSeconds)
    }

    private func releaseInput() {
        loop.receiveBufferBytes -= input.capacity
        input.release()
    }

    /// Waits for memory that other connections hold.
    private func stall() {
        isStalled = true
        loop.schedule(afterMilliseconds: 50) { [weak self] in
            guard let self, !self.isClosed else { return }
            self.isStalled = false
            self.updateInterest()
        }
    }

    private func deliverLater() {
        needsDelivery = true
        askTurnEnd()
    }

    /// Shows the held bytes if they are enough for the delegate.
    private func deliverHeld() {
        guard wantsInput, input.count > 0, input.count >= wanted else { return }
        let consumed = deliver(input.bytes)
        guard !isClosed, consumed > 0 else { return }
        input.consume(consumed)
        messageStart = input.count > 0 ? loop.now : nil
    }

    private func deliver(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        guard let delegate else { return 0 }
        isDelivering = true
        let step = delegate.received(bytes, on: self)
        isDelivering = false
        precondition(step.consumed <= bytes.count)
        if isClosed { releaseInput() }
        wanted = step.wanted
        return step.consumed
    }

    // MARK: - Deadlines

    /// Looks at the deadlines after `seconds`, or earlier when an earlier look is already due.
    private func armCheck(seconds: Int) {
        let delay = UInt64(seconds) * 1_000_000_000
        let deadline = loop.now &+ delay
        if let check {
            if check.deadline <= deadline { return }
            loop.cancel(check.timer)
        }
        let timer = loop.schedule(afterNanoseconds: delay) { [weak self] in self?.checkDeadlines() }
        check = (timer, deadline)
    }

    private func checkDeadlines() {
        check = nil
        guard !isClosed else { return }
        let idle = Int((loop.now - min(lastActivity, loop.now)) / 1_000_000_000)
        guard idle < limits.idleSecondsMax else { return close("nothing sent or received for \(idle) s") }
        if input.count > 0, wantsInput, let messageStart {
            let seconds = Int((loop.now - min(messageStart, loop.now)) / 1_000_000_000)
            let allowed = limits.messageSecondsMax + input.count / limits.messageBytesPerSecondMin
            guard seconds < allowed else { return close("a request was incomplete after \(seconds) s") }
        }
        if input.count == 0, input.capacity > 0, idle >= Self.bufferKeptSeconds { releaseInput() }
        armCheck(seconds: input.capacity > 0 ? Self.bufferKeptSeconds : limits.idleSecondsMax - idle)
    }
}
