import System

/// Bytes of a log file that are known to be damaged: reads of their offsets are refused, the rest stays readable.
public struct DamagedRange: Sendable, Equatable {
    /// The base offset of the segment.
    public let segmentBase: Int64
    /// Where the damage begins in the segment's log file.
    public let position: Int64
    /// Where the next intact batch begins, or the file ended when the damage was found.
    public let endPosition: Int64
    /// The first offset that is lost.
    public let firstOffset: Int64
    /// The offset behind the last one that is lost.
    public let nextOffset: Int64

    /// The name of the file, in the partition's directory, that lists the ranges.
    static let fileName = "damaged"

    /// The ranges as text, a line each: five decimal numbers in the order of the properties, and their CRC-32C.
    static func encode(_ ranges: [DamagedRange]) -> [UInt8] {
        Array(
            ranges.map { range in
                let text =
                    "\(range.segmentBase) \(range.position) \(range.endPosition) \(range.firstOffset) "
                    + "\(range.nextOffset)"
                return "\(text) \(Checkpoint.crc(text))\n"
            }.joined().utf8)
    }

    /// Writes the file of a partition's directory.
    static func save(
        _ ranges: [DamagedRange], in directory: String, _ fileSystem: any FileSystem
    ) throws(SystemError) {
        try fileSystem.replace(directory + "/" + fileName, with: encode(ranges))
    }

    /// The ranges of a file; lines that make no sense are left out, because the scan finds real damage again.
    static func decode(_ bytes: [UInt8]) -> [DamagedRange] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
            guard let space = line.lastIndex(of: " "),
                Checkpoint.crc(line[..<space]) == UInt32(line[line.index(after: space)...])
            else { return nil }
            let numbers = line[..<space].split(separator: " ").compactMap { Int64($0) }
            guard numbers.count == 5, numbers[1] >= 0, numbers[1] < numbers[2], numbers[3] <= numbers[4] else {
                return nil
            }
            return DamagedRange(
                segmentBase: numbers[0], position: numbers[1], endPosition: numbers[2], firstOffset: numbers[3],
                nextOffset: numbers[4])
        }
    }
}
