import System

/// `sluice status`: asks the appliance's console whether it is ready.
enum StatusCommand {
    static let command = Command(
        "status", "Tells whether the appliance is ready: exit code 0 ready, 1 not ready, 3 no answer.",
        example: "sluice status --wait 30s",
        flags: [
            Flag("--console", value: "HOST:PORT", help: "The console's address (default: 127.0.0.1:8080)."),
            Flag("--wait", value: "DURATION", help: "Ask again until it is ready, for so long at most."),
        ], run: run)

    private static let pauseMilliseconds = 50

    private static func run(_ invocation: Invocation) throws -> Int32 {
        let address = invocation["--console"] ?? "127.0.0.1:8080"
        let clock = SystemClock()
        let deadline = clock.monotonicNanoseconds + UInt64(try invocation.milliseconds("--wait") ?? 0) * 1_000_000
        let stop = Signals.stopOnInterrupt()
        while true {
            let answer = Result { try HTTPProbe.get(address, path: "/ready") }
            if case .success((200, let body)) = answer {
                Terminal.print(body, terminator: body.hasSuffix("\n") ? "" : "\n")
                return ExitCode.success
            }
            if clock.monotonicNanoseconds < deadline {
                if stop.wait(milliseconds: pauseMilliseconds) { return ExitCode.interrupted }
                continue
            }
            switch answer {
            case .success((let status, let body)):
                throw CommandError(
                    "\(address) is not ready (HTTP \(status)): \(body.split(separator: "\n").joined(separator: " "))")
            case .failure(let error):
                throw CommandError("no answer from \(address): \(error)", code: ExitCode.cannotConnect)
            }
        }
    }
}

/// One HTTP request over a blocking socket; enough to ask our own console.
enum HTTPProbe {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let answerBytesMax = 1 << 20
    private static let timeoutSeconds = 5

    /// Status and body of `GET path`.
    static func get(_ address: String, path: String) throws -> (status: Int, body: String) {
        guard let endpoint = Endpoint(address) else {
            throw CommandError.usage("--console must be HOST:PORT, not \"\(address)\"")
        }
        let socket = try BlockingSocket(connectingTo: endpoint, timeoutSeconds: timeoutSeconds)
        try socket.send(Array("GET \(path) HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n\r\n".utf8))
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 14)
        while answer.count < answerBytesMax {
            let count = try chunk.withUnsafeMutableBytes { try socket.receiveSome($0) }
            if count == 0 { break }
            answer += chunk[..<count]
        }
        let text = String(decoding: answer, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n"), let status = text.split(separator: " ").dropFirst().first,
            let code = Int(status)
        else { throw Failure(description: "it does not speak HTTP") }
        return (code, String(text[end.upperBound...]))
    }
}
