import Streams

/// Commands that do one thing to each of several names.
enum NamedThings {
    /// Does one thing to each operand and prints what came of it; the exit code is that of the first failure.
    static func forEach(
        _ invocation: Invocation, done: String, _ body: (any Streams, String) throws -> Void
    ) throws -> Int32 {
        let operands = invocation.operands.map(BrokerConnection.splitTopic)
        let streams = try BrokerConnection.connect(invocation, override: operands.compactMap(\.broker).first)
        defer { streams.close() }
        var code = ExitCode.success
        for (_, name) in operands {
            do {
                try BrokerConnection.translated { try body(streams, name) }
                Terminal.print("\(done) \(name)")
            } catch let error as CommandError {
                Terminal.printError("sluice: \(error.message)")
                if code == ExitCode.success { code = error.code }
            }
        }
        return code
    }
}
