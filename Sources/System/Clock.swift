import Glibc

/// Where time comes from: monotonic time for every timer, wall time only as data.
public protocol Clock: Sendable {
    /// Nanoseconds since an arbitrary moment; never goes back. The C function is `clock_gettime(CLOCK_MONOTONIC)`.
    var monotonicNanoseconds: UInt64 { get }
    /// Nanoseconds since the Unix epoch. The C function is `clock_gettime(CLOCK_REALTIME)`.
    var wallNanoseconds: Int64 { get }
}

extension Clock {
    /// Milliseconds since the Unix epoch.
    public var wallMilliseconds: Int64 { wallNanoseconds / 1_000_000 }
}

/// The clocks of this machine.
public struct SystemClock: Clock {
    /// The clocks of this machine.
    public init() {}

    public var monotonicNanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    public var wallNanoseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
