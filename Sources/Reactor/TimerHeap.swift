/// A timer that was scheduled, for cancelling it.
public struct TimerID: Hashable, Sendable {
    let number: UInt64
}

/// Timers by deadline: a binary heap in which cancelled timers stay until they come up, or until they are the majority.
struct TimerHeap {
    private struct Entry {
        let deadline: UInt64
        let number: UInt64
    }

    private var entries: [Entry] = []
    private var bodies: [UInt64: () -> Void] = [:]
    private var nextNumber: UInt64 = 0

    /// Timers that are waiting.
    var count: Int { bodies.count }

    mutating func insert(deadline: UInt64, _ body: @escaping () -> Void) -> TimerID {
        nextNumber += 1
        bodies[nextNumber] = body
        entries.append(Entry(deadline: deadline, number: nextNumber))
        siftUp(entries.count - 1)
        return TimerID(number: nextNumber)
    }

    mutating func cancel(_ timer: TimerID) {
        guard bodies.removeValue(forKey: timer.number) != nil else { return }
        if entries.count > 64 + 2 * bodies.count { rebuild() }
    }

    /// The earliest deadline.
    mutating func nextDeadline() -> UInt64? {
        while let first = entries.first {
            if bodies[first.number] != nil { return first.deadline }
            removeFirst()
        }
        return nil
    }

    /// Takes out the earliest timer if its deadline is not after `now`.
    mutating func popDue(_ now: UInt64) -> (() -> Void)? {
        guard let deadline = nextDeadline(), deadline <= now else { return nil }
        let body = bodies.removeValue(forKey: entries[0].number)
        removeFirst()
        return body
    }

    mutating func removeAll() {
        entries = []
        bodies = [:]
    }

    private static func isBefore(_ left: Entry, _ right: Entry) -> Bool {
        left.deadline != right.deadline ? left.deadline < right.deadline : left.number < right.number
    }

    private mutating func rebuild() {
        entries = entries.filter { bodies[$0.number] != nil }
        // A sorted array is a heap.
        entries.sort(by: Self.isBefore)
    }

    private mutating func removeFirst() {
        entries.swapAt(0, entries.count - 1)
        entries.removeLast()
        siftDown()
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard Self.isBefore(entries[index], entries[parent]) else { return }
            entries.swapAt(index, parent)
            index = parent
        }
    }

    private mutating func siftDown() {
        var index = 0
        while true {
            var smallest = index
            for child in [2 * index + 1, 2 * index + 2] where child < entries.count {
                if Self.isBefore(entries[child], entries[smallest]) { smallest = child }
            }
            if smallest == index { return }
            entries.swapAt(index, smallest)
            index = smallest
        }
    }
}
