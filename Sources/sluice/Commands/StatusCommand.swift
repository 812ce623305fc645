import System

/// `sluice status`: asks the appliance's console whether it is ready.
enum StatusCommand {
    static let command = Command(
        "status", "Tells whether the appliance is ready: exit code 0 ready, 1 not ready, 3 no answer.",
        example: "sluice status --wait 30s",
        flags: [
            Flag("--console", value: "HOST:PORT", help: "The console's address (default: 127.0.0.1:8080)."),
            Flag(
                "--wait", value: "DURATION", kind: .duration, help: "Ask again until it is ready, for so long at most."),
        ], run: run)

    private static let pauseMilliseconds = 50

    private static func run(_ invocation: Invocation) throws -> Int32 {
        let address = invocation["--console"] ?? "127.0.0.1:8080"
        guard let endpoint = Endpoint(address) else {
            throw CommandError.usage("--console must be HOST:PORT, not \"\(address)\"")
        }
        let clock = SystemClock()
        let deadline = clock.monotonicNanoseconds + UInt64(try invocation.milliseconds("--wait") ?? 0) * 1_000_000
        let stop = Signals.stopOnInterrupt()
        while true {
            let answer = Result { try HTTPProbe.get(endpoint, path: "/ready") }
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
