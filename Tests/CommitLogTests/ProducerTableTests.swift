import RecordBatch
import TestSupport
import Testing

@testable import CommitLog

/// What a partition does when it knows as many producers as it may.
@Suite struct ProducerTableTests {
    @Test func theLongestSilentGiveWayUnlessTheirTransactionIsOpen() throws {
        var state = ProducerState()
        for id in 0..<Int64(ProducerState.producersMax) {
            var producer = ProducerState.Producer(epoch: 0)
            producer.lastOffset = id
            let open = LogPosition(offset: id, segmentBase: 0, position: 0)
            state.restore(id, producer, openSince: id == 3 ? open : nil)
        }
        var header = try batch(["x"], producer: TestProducer(id: 1_000_000, sequence: 7)).withUnsafeBytes {
            try RecordBatchHeader(parsing: $0)
        }
        header.baseOffset = Int64(ProducerState.producersMax)
        state.note(header, at: LogPosition(offset: header.baseOffset, segmentBase: 0, position: 0), seen: 1)
        #expect(state.producers.count < ProducerState.producersMax)
        #expect(state.producers.count >= ProducerState.producersMax * 9 / 10)
        #expect(state.producers[1_000_000]?.batches.map(\.firstSequence) == [7])
        #expect(state.producers[3] != nil && state.producers[2] == nil && state.producers[4] == nil)
        // Whoever was forgotten may go on with any sequence number, as after its records were deleted.
        header.producerID = 2
        #expect(try state.check(header) == .append)
    }
}
