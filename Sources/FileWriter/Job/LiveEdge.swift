import Streams

/// Keeps the newest records back for a moment, while the end of the run is not known.
///
/// A run stop arrives a little later than the time that it names. Records that come in between would have to be taken out of
/// the file again; so each waits until its time is `holdMilliseconds` ago. Old records pass at once, all keep their order.
struct LiveEdge {
    /// A record that outlives its reader.
    struct Held {
        let topic: Int
        let timestampMilliseconds: Int64
        var value: [UInt8]
    }

    /// How late a run stop may come without cost.
    static let holdMilliseconds: Int64 = 250
    /// Most bytes held; when they are reached, the oldest pass.
    static let bytesMax = 64 << 20

    private var queue: [Held] = []
    private var first = 0
    private var bytes = 0

    /// Bytes of all records that are still in memory.
    var retainedBytes: Int { queue.reduce(0) { $0 + $1.value.count } }

    /// Whether a record has to wait; a copy of it is then taken.
    mutating func hold(
        _ value: UnsafeRawBufferPointer, topic: Int, timestampMilliseconds: Int64, now: Int64
    ) -> Bool {
        let isYoung = timestampMilliseconds > now - Self.holdMilliseconds
        guard isYoung || first < queue.count else { return false }
        queue.append(Held(topic: topic, timestampMilliseconds: timestampMilliseconds, value: Array(value)))
        bytes += value.count
        return true
    }

    /// The next record that has waited long enough; any record when `all` is asked for.
    mutating func next(now: Int64, all: Bool) -> Held? {
        guard first < queue.count else { return nil }
        let held = queue[first]
        guard all || bytes > Self.bytesMax || held.timestampMilliseconds <= now - Self.holdMilliseconds else {
            return nil
        }
        // What was passed on must not stay in memory until the queue is moved up.
        queue[first].value = []
        first += 1
        bytes -= held.value.count
        if first == queue.count || first > 4096 {
            queue.removeFirst(first)
            first = 0
        }
        return held
    }
}
