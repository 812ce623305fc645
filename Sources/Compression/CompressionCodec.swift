import Bytes

/// A compression of record batches, numbered as in the attributes of a batch (Kafka documentation, "Record Batch").
public enum CompressionCodec: Int, CaseIterable, Sendable {
    /// Records as they are.
    case none = 0
    /// RFC 1952.
    case gzip = 1
    /// Snappy blocks in xerial framing (snappy-java); a bare block is accepted on reading.
    case snappy = 2
    /// LZ4 frames.
    case lz4 = 3
    /// Zstandard frames (RFC 8878).
    case zstd = 4

    /// The most that one batch may decompress to unless the caller knows better, bytes.
    public static let decompressedBytesMax = 128 << 20

    /// How many times larger than its input an output may get, once it is larger than `unratedBytesMax`.
    public static let ratioMax = 1000

    /// Output up to this size is allowed at any ratio: a histogram of zeros compresses by more than `ratioMax`.
    public static let unratedBytesMax = 32 << 20

    /// The name that `compression.type` uses.
    public var name: String {
        switch self {
        case .none: "none"
        case .gzip: "gzip"
        case .snappy: "snappy"
        case .lz4: "lz4"
        case .zstd: "zstd"
        }
    }

    /// The codec called `name` in `compression.type`; nil for anything else (`uncompressed` is `none`).
    public init?(name: String) {
        if name == "uncompressed" {
            self = .none
            return
        }
        guard let codec = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = codec
    }

    /// Appends the decompressed form of `input` to `output`.
    ///
    /// Memory grows with the bytes that come out, never by a size that `input` claims. More than `limit` bytes, or more
    /// than `ratioMax` times the input beyond `unratedBytesMax`, throws `outputTooLarge`. After a throw, `output` is
    /// what it was before.
    public func decompress(
        _ input: UnsafeRawBufferPointer, limit: Int = CompressionCodec.decompressedBytesMax,
        into output: inout ByteWriter
    ) throws(CompressionError) {
        precondition(limit >= 0 && limit < Int.max)
        guard input.count <= Int(Int32.max) else { throw .inputTooLarge(self, bytes: input.count) }
        let start = output.count
        let limit = min(limit, max(Self.unratedBytesMax, input.count * Self.ratioMax))
        do throws(CompressionError) {
            switch self {
            case .none:
                guard input.count <= limit else { throw CompressionError.outputTooLarge(.none, limit: limit) }
                output.append(input)
            case .gzip: try Gzip.decompress(input, limit: limit, into: &output)
            case .snappy: try Snappy.decompress(input, limit: limit, into: &output)
            case .lz4: try LZ4.decompress(input, limit: limit, into: &output)
            case .zstd: try Zstandard.decompress(input, limit: limit, into: &output)
            }
        } catch {
            output.truncate(to: start)
            throw error
        }
    }

    /// Appends the compressed form of `input` to `output`, as the Java client would write it.
    ///
    /// Throws only for inputs above 2 GiB and when memory ends; `output` is then what it was before.
    public func compress(
        _ input: UnsafeRawBufferPointer, into output: inout ByteWriter
    ) throws(CompressionError) {
        guard input.count <= Int(Int32.max) else { throw .inputTooLarge(self, bytes: input.count) }
        let start = output.count
        do throws(CompressionError) {
            switch self {
            case .none: output.append(input)
            case .gzip: try Gzip.compress(input, into: &output)
            case .snappy: try Snappy.compress(input, into: &output)
            case .lz4: try LZ4.compress(input, into: &output)
            case .zstd: try Zstandard.compress(input, into: &output)
            }
        } catch {
            output.truncate(to: start)
            throw error
        }
    }
}
