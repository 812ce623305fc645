import CLinux

/// What a descriptor is ready for, or what somebody wants to know of it.
public struct Readiness: OptionSet, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// There are bytes or connections to take, or the end.
    public static let readable = Readiness(rawValue: EPOLLIN.rawValue)
    /// There is room for bytes.
    public static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
    /// The connection is broken; reported without being asked for.
    public static let failed = Readiness(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
}

/// Somebody who waits for a descriptor. All methods run on the loop's thread.
public protocol EventHandler: AnyObject {
    /// The descriptor is ready.
    func ready(_ events: Readiness)
    /// The turn for which the handler asked with `EventLoop.atTurnEnd` ends.
    func turnEnded()
    /// The loop ends: give up the descriptor.
    func loopStopped()
}

extension EventHandler {
    public func turnEnded() {}
}

/// A descriptor's place in its loop. The number tells apart two uses of the same descriptor, so that an event which was
/// collected before a close never reaches the descriptor's next owner.
public struct Registration: Equatable, Sendable {
    let descriptor: Int32
    let number: UInt32

    var packed: UInt64 { UInt64(number) << 32 | UInt64(UInt32(bitPattern: descriptor)) }
}
