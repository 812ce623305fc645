import ClusterStreams
import StreamTools
import Streams
import System

/// `sluice completion`, and what the shells ask while somebody types.
enum CompletionCommands {
    static let all = [
        Command(
            "completion", "Prints the completion script of a shell.",
            details: """
                bash: put `source <(sluice completion bash)` into ~/.bashrc
                zsh:  put `source <(sluice completion zsh)` into ~/.zshrc, behind compinit
                fish: sluice completion fish > ~/.config/fish/completions/sluice.fish
                Names of topics and groups come from the broker that the words so far name, if it answers within a second.
                """,
            example: "sluice completion bash", operands: "bash|zsh|fish", count: 1...1,
            kinds: [.choice(CompletionScript.allCases.map(\.rawValue))]
        ) { invocation in
            Terminal.print(CompletionScript(rawValue: invocation.operands[0])?.text ?? "", terminator: "")
            return ExitCode.success
        },
        Command(
            "complete", "Tells what can follow the words typed so far; the shells' scripts ask it.",
            example: "sluice complete -- topic li", operands: "WORD...", count: 0...Int.max, isHidden: true,
            run: complete),
    ]

    private static func complete(_ invocation: Invocation) throws -> Int32 {
        switch Completion(commands: CommandTable.all, names: names).answer(invocation.operands) {
        case .files: Terminal.print(":files")
        case .directories: Terminal.print(":directories")
        case .words(let candidates):
            for candidate in candidates { Terminal.print("\(candidate.word)\t\(candidate.meaning)") }
        }
        return ExitCode.success
    }

    /// The names that the broker knows; none when it does not answer at once, since somebody waits with a finger on a key.
    private static func names(_ kind: ValueKind, _ words: [String]) -> [String] {
        let flags = BrokerConnection.brokerFlag.names
        let given = zip(words, words.dropFirst()).filter { flags.contains($0.0) }.last?.1
        let inline = words.last { $0.hasPrefix("--") && $0.contains("=") }.flatMap { word -> String? in
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            return parts.count == 2 && flags.contains(parts[0]) ? parts[1] : nil
        }
        let address = given ?? inline ?? BrokerConnection.defaultAddress
        guard let first = address.split(separator: ",").first, let endpoint = Endpoint(String(first)),
            (try? BlockingSocket(connectingTo: endpoint, timeoutSeconds: 1)) != nil,
            let streams = try? ClusterStreams(bootstrapServers: address, clientID: "sluice-completion")
        else { return [] }
        defer { streams.close() }
        let topics = ((try? streams.topics()) ?? []).filter { !$0.isInternal }.map(\.name)
        switch kind {
        case .topic: return topics
        case .group: return ((try? streams.groups()) ?? []).map(\.name)
        case .instrument: return Set(topics.compactMap(InstrumentTopics.instrument(of:))).sorted()
        default: return []
        }
    }
}
