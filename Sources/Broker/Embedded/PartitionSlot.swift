import CommitLog
import Compression
import RecordBatch
import Streams
import System

/// The partitions of one topic that a producer fills.
final class TopicSlots {
    let topic: Topic
    let partitions: [PartitionSlot]

    init(_ topic: Topic) {
        self.topic = topic
        partitions = topic.partitions.map { PartitionSlot(topic, $0) }
    }
}

/// The batch that a producer fills for one partition.
final class PartitionSlot {
    typealias Callback = (index: Int32, delivered: @Sendable (Result<Int64, StreamError>) -> Void)

    let topic: Topic
    let log: PartitionLog
    /// The largest batch that the topic takes.
    let bytesMax: Int
    var builder = RecordBatchBuilder(capacity: 1024)
    /// Whom to tell, by index in the batch.
    var callbacks: [Callback] = []
    /// When the first record of the batch came.
    var firstNanoseconds: UInt64 = 0

    init(_ topic: Topic, _ log: PartitionLog) {
        self.topic = topic
        self.log = log
        bytesMax = topic.messageBytesMax
    }

    /// Appends the batch to the log and begins the next one; returns where it is and its size.
    func append(
        durability: Durability, clock: any Clock
    ) -> Result<(result: AppendResult, bytes: Int), StreamError> {
        precondition(!builder.isEmpty)
        defer { builder.reset() }
        do throws(RecordBatchError) {
            var options = RecordBatchOptions()
            options.codec = topic.codec ?? .none
            try builder.finish(options)
        } catch {
            return .failure(StreamError(.messageTooLarge, "\(error)"))
        }
        return builder.withMutableBatch { bytes in
            if topic.stampsAppendTime {
                RecordBatchHeader.stampLogAppendTime(bytes, milliseconds: clock.wallMilliseconds)
            }
            do {
                let header = try RecordBatchHeader(parsing: UnsafeRawBufferPointer(bytes))
                return .success((try log.append(bytes, header: header, durability: durability), bytes.count))
            } catch let error as LogError {
                return .failure(error.streamError)
            } catch {
                return .failure(StreamError(.other, "\(error)"))
            }
        }
    }
}
