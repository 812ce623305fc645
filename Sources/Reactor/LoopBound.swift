/// A reference to something that belongs to a loop's thread, which may travel through other threads on its way back
/// there.
public struct LoopBound<Value>: @unchecked Sendable {
    // Unchecked: `value` checks that it is read on the loop's thread.
    private let bound: Value
    private let loop: EventLoop

    /// `value`, to be used on `loop` only.
    public init(_ value: Value, _ loop: EventLoop) {
        bound = value
        self.loop = loop
    }

    /// The value.
    ///
    /// - Precondition: the caller is on the loop.
    public var value: Value {
        precondition(loop.isOnLoop, "\(Value.self) belongs to loop \(loop.name)")
        return bound
    }
}
