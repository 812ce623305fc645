import Glibc

/// The bytes of a connection that make up no whole message yet. Holds no memory until there are any.
///
/// Memory comes from `malloc`, since `realloc` moves large blocks by remapping pages instead of copying.
struct ReceiveBuffer: ~Copyable {
    private var base: UnsafeMutableRawPointer?
    private(set) var capacity = 0
    private var start = 0
    private var end = 0

    init() {}

    deinit { free(base) }

    /// Bytes that are held.
    var count: Int { end - start }
    /// Bytes that fit behind them.
    var room: Int { capacity - end }

    /// What is held.
    var bytes: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: base.map { $0 + start }, count: count)
    }

    /// The free space behind what is held.
    var space: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: base.map { $0 + end }, count: room)
    }

    /// Makes the whole buffer at least `wanted` bytes from the first held byte on.
    mutating func makeCapacity(_ wanted: Int) {
        if capacity - start >= wanted { return }
        if start > 0, let base {
            memmove(base, base + start, count)
            end -= start
            start = 0
        }
        if capacity >= wanted { return }
        guard let larger = realloc(base, wanted) else { fatalError("out of memory: receive buffer of \(wanted) bytes") }
        base = larger
        capacity = wanted
    }

    /// Counts `more` bytes that were put into `space`.
    mutating func filled(_ more: Int) {
        precondition(more >= 0 && more <= room)
        end += more
    }

    /// Appends a copy.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        makeCapacity(count + bytes.count)
        memcpy(base! + end, source, bytes.count)
        end += bytes.count
    }

    /// Forgets the first `prefix` bytes.
    mutating func consume(_ prefix: Int) {
        precondition(prefix >= 0 && prefix <= count)
        start += prefix
        if start == end {
            start = 0
            end = 0
        }
    }

    /// Gives the memory back, and what is held with it.
    mutating func release() {
        free(base)
        base = nil
        capacity = 0
        start = 0
        end = 0
    }
}
