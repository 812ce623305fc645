import System

/// One moment on both clocks: monotonic for every deadline, wall time only as data.
struct Moment: Sendable {
    /// Milliseconds since an arbitrary moment; never goes back.
    var monotonicMilliseconds: Int64
    /// Milliseconds since the Unix epoch.
    var wallMilliseconds: Int64

    /// The moment of a clock's two times.
    init(monotonicMilliseconds: Int64, wallMilliseconds: Int64) {
        self.monotonicMilliseconds = monotonicMilliseconds
        self.wallMilliseconds = wallMilliseconds
    }

    /// Now.
    init(_ clock: any Clock) {
        self.init(
            monotonicMilliseconds: Int64(clock.monotonicNanoseconds / 1_000_000),
            wallMilliseconds: clock.wallMilliseconds)
    }
}
