/// Counts in a block of memory of their own, with one more place behind the last for what is outside.
///
/// Belongs to one thread. 64-bit numbers: at the largest rates a 32-bit one overflows within minutes.
final class Bins {
    let count: Int
    let base: UnsafeMutablePointer<Int64>

    init(count: Int) {
        self.count = count
        base = .allocate(capacity: count + 1)
        base.initialize(repeating: 0, count: count + 1)
    }

    deinit {
        base.deallocate()
    }

    /// A copy of the counts.
    var counts: [Int64] { [Int64](UnsafeBufferPointer(start: base, count: count)) }

    /// What fell outside.
    var outside: Int64 { base[count] }

    func reset() {
        base.update(repeating: 0, count: count + 1)
    }
}
