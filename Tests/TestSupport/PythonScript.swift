import Foundation
import Testing

/// A script for the Python that `make test` installs with other people's readers, clients and codecs.
public struct PythonScript {
    /// A script that failed; what it said is on standard error.
    public struct Failure: Error {
        /// The script's exit code or signal.
        public let status: Int32
    }

    /// The interpreter that `SLUICE_TEST_PYTHON` names; nil without one.
    public static let interpreter = ProcessInfo.processInfo.environment["SLUICE_TEST_PYTHON"].flatMap {
        $0.isEmpty ? nil : $0
    }

    private let arguments: [String]

    /// A script's text.
    public init(_ text: String) { arguments = ["-c", text] }

    /// A script beside the file that asks, which stays as it is: no bytecode is left there.
    public init(file name: String, beside path: StaticString = #filePath) {
        let folder = URL(fileURLWithPath: "\(path)").deletingLastPathComponent()
        arguments = ["-B", folder.appendingPathComponent(name).path]
    }

    /// What the script prints.
    public func output(_ arguments: String...) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.interpreter ?? "/usr/bin/false")
        process.arguments = self.arguments + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(status: process.terminationStatus) }
        return [UInt8](data)
    }

    /// What the script prints when it is told a path, without white space around it.
    public func text(_ path: String) throws -> String {
        try String(decoding: output(path), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Runs `statements` with `input` bound to `data`, and returns the bytes that they bind to `out`.
    public static func convert(_ statements: String, _ input: [UInt8]) throws -> [UInt8] {
        let directory = TemporaryDirectory()
        try Data(input).write(to: URL(fileURLWithPath: directory.file("in")))
        let script = PythonScript(
            "import sys; data = open(sys.argv[1], 'rb').read()\n\(statements)\nsys.stdout.buffer.write(out)")
        return try script.output(directory.file("in"))
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips where `SLUICE_TEST_PYTHON` names no interpreter.
    public static var needsPython: Self {
        .enabled(if: PythonScript.interpreter != nil, "SLUICE_TEST_PYTHON names no interpreter")
    }
}
