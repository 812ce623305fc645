/// Why bytes could not be compressed or decompressed.
public enum CompressionError: Error, Equatable, CustomStringConvertible {
    /// The input ends before its last frame does.
    case truncated(CompressionCodec)
    /// The input is not what the codec writes; `position` is the byte of the input where that was seen.
    case malformed(CompressionCodec, detail: String, position: Int)
    /// The output would be larger than `limit` bytes.
    case outputTooLarge(CompressionCodec, limit: Int)
    /// The input is larger than 2 GiB.
    case inputTooLarge(CompressionCodec, bytes: Int)
    /// The library could not work for a reason that is not the input, such as memory.
    case library(CompressionCodec, detail: String)

    public var description: String {
        switch self {
        case .truncated(let codec): "\(codec.name) data ends in the middle"
        case .malformed(let codec, let detail, let position):
            "malformed \(codec.name) data at byte \(position): \(detail)"
        case .outputTooLarge(let codec, let limit): "\(codec.name) data decompresses to more than \(limit) bytes"
        case .inputTooLarge(let codec, let bytes): "\(bytes) bytes are too many for \(codec.name); 2 GiB is the most"
        case .library(let codec, let detail): "\(codec.name) failed: \(detail)"
        }
    }
}
