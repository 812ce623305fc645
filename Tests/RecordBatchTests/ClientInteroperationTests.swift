import Compression
import Foundation
import RecordBatch
import TestSupport
import Testing

/// Batches to and from the record code of kafka-python.
@Suite(.needsPython)
struct ClientInteroperationTests {
    private static let describe = """
        def text(record):
            part = lambda b: 'null' if b is None else bytes(b).hex()
            headers = ','.join(f'{name}={part(value)}' for name, value in record.headers)
            return f'{record.offset} {record.timestamp} {part(record.key)} {part(record.value)} [{headers}]'
        """

    private static func describe(_ samples: [Sample]) -> String {
        func part(_ bytes: [UInt8]?) -> String {
            bytes.map { $0.map { String(format: "%02x", $0) }.joined() } ?? "null"
        }
        return samples.map { sample in
            let headers = sample.headers.map { "\($0.name)=\(part($0.value))" }.joined(separator: ",")
            return "\(sample.offset) \(sample.timestamp) \(part(sample.key)) \(part(sample.value)) [\(headers)]"
        }.joined(separator: "\n")
    }

    @Test(arguments: CompressionCodec.allCases)
    func aClientReadsWhatIsBuilt(codec: CompressionCodec) throws {
        let script = """
            from kafka.record import MemoryRecords
            \(Self.describe)
            records, lines = MemoryRecords(data), []
            while records.has_next():
                batch = records.next_batch()
                assert batch.validate_crc()
                lines += [text(record) for record in batch]
            out = '\\n'.join(lines).encode()
            """
        let log = try build(samples, codec: codec) + build(samples, codec: codec, baseOffset: 3)
        let second = samples.map { sample in
            var sample = sample
            sample.offset += 3
            return sample
        }
        #expect(
            String(decoding: try PythonScript.convert(script, log), as: UTF8.self) == Self.describe(samples + second))
    }

    @Test(arguments: CompressionCodec.allCases)
    func whatAClientBuildsIsValid(codec: CompressionCodec) throws {
        let script = """
            from kafka.record import MemoryRecordsBuilder
            builder = MemoryRecordsBuilder(magic=2, compression_type=\(codec.rawValue), batch_size=1 << 20)
            builder.append(timestamp=1700000000000, key=b'key', value=b'value', headers=[])
            builder.append(timestamp=1700000123456, key=None, value=None,
                headers=[('schema', bytes([1, 2, 3])), ('\\u00e9', None)])
            builder.append(timestamp=1699999999999, key=b'', value=bytes([9]) * 200, headers=[('', b'')])
            builder.close()
            out = builder.buffer()
            """
        let batch = try PythonScript.convert(script, [])
        let valid = try validate(batch)
        #expect(valid.header.codec == codec)
        #expect(valid.maxTimestampMilliseconds == 1_700_000_123_456)
        #expect(valid.header.maxTimestamp == 1_700_000_123_456)
        #expect(try read(batch).records == samples)
    }
}
