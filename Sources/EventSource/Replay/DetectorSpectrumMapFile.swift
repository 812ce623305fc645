import System

/// A detector-spectrum table as ISIS instruments keep it (`spectra*.dat`, `spec2det*.txt`).
///
/// Layout, by line number because the wording differs: a caption, the number of entries, a column caption, then one
/// `detector spectrum` pair a line. Blanks and tabs separate; line ends may be those of Windows; empty lines at the
/// end do not count. Several detectors may share a spectrum.
public struct DetectorSpectrumMapFile: Sendable, Equatable {
    /// The detector of each entry.
    public let detectors: [Int32]
    /// The spectrum of each entry.
    public let spectra: [Int32]

    /// Largest table that is read.
    public static let bytesMaximum = 256 << 20

    /// Reads the table at `path`.
    ///
    /// - Throws: `unreadable` with the line number when the file is not such a table.
    public static func read(
        _ path: String, fileSystem: any FileSystem = LocalFileSystem()
    ) throws(EventSourceError) -> DetectorSpectrumMapFile {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try fileSystem.contents(path, limit: bytesMaximum)
        } catch {
            throw .unreadable(path: path, reason: error.reason)
        }
        return try DetectorSpectrumMapFile(parsing: bytes, path: path)
    }

    /// The table in `bytes`; `path` is for messages.
    public init(parsing bytes: [UInt8], path: String) throws(EventSourceError) {
        let newline = UInt8(ascii: "\n")
        let lines = bytes.split(separator: newline, omittingEmptySubsequences: false)
        func fail(_ line: Int, _ reason: String) -> EventSourceError {
            .unreadable(path: path, reason: "line \(line): \(reason)")
        }
        guard lines.count > 3 else {
            throw fail(lines.count, "a detector-spectrum table has three lines before its entries")
        }
        let head = Self.fields(lines[1])
        guard head.count == 1, let announced = Self.number(head[0]), announced >= 0 else {
            throw fail(2, "expected the number of entries, found '\(Self.text(lines[1]))'")
        }
        var detectors: [Int32] = []
        var spectra: [Int32] = []
        for (index, line) in lines.enumerated().dropFirst(3) {
            let fields = Self.fields(line)
            if fields.isEmpty { continue }
            guard fields.count == 2, let detector = Self.number(fields[0]), let spectrum = Self.number(fields[1])
            else {
                throw fail(index + 1, "expected a detector and a spectrum number, found '\(Self.text(line))'")
            }
            detectors.append(detector)
            spectra.append(spectrum)
        }
        guard detectors.count == Int(announced) else {
            throw fail(2, "announces \(announced) entries, but \(detectors.count) follow")
        }
        self.detectors = detectors
        self.spectra = spectra
    }

    private static func fields(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
    }

    private static func number(_ field: ArraySlice<UInt8>) -> Int32? {
        Int32(String(decoding: field, as: UTF8.self))
    }

    private static func text(_ line: ArraySlice<UInt8>) -> String {
        let printable = line.prefix(40).filter { $0 >= 32 && $0 < 127 }
        return String(decoding: printable, as: UTF8.self)
    }
}
