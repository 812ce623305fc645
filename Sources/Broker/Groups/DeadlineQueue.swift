/// Keys with the moments at which they are due, the earliest first: a binary heap.
struct DeadlineQueue<Key: Sendable>: Sendable {
    private var heap: [(deadline: Int64, key: Key)] = []

    /// An empty queue.
    init() {}

    /// Keys in the queue.
    var count: Int { heap.count }

    /// The earliest moment; nil when the queue is empty.
    var first: Int64? { heap.first?.deadline }

    /// Adds a key.
    mutating func insert(_ key: Key, at deadline: Int64) {
        heap.append((deadline, key))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].deadline < heap[parent].deadline else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes out the earliest key if it is due.
    mutating func popDue(at moment: Int64) -> (deadline: Int64, key: Key)? {
        guard let first = heap.first, first.deadline <= moment else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].deadline < heap[least].deadline {
                least = child
            }
            guard least != parent else { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    /// Keeps only the elements for which `isKept` is true.
    mutating func filter(_ isKept: (Int64, Key) -> Bool) {
        let kept = heap.filter { isKept($0.deadline, $0.key) }
        heap = kept.sorted { $0.deadline < $1.deadline }
    }
}
