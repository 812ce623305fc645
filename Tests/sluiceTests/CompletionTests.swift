import Testing

@testable import sluice

@Suite struct CompletionTests {
    private static let commands = [
        Command(
            "topic list", "Lists topics.", example: "sluice topic list", operands: "[PATTERN]", count: 0...1,
            kinds: [.topic],
            flags: [
                Flag("--broker", "-b", "--brokers", value: "HOST:PORT", help: "The broker."),
                Flag("--format", value: "F", kind: .choice(["table", "json"]), help: "The format."),
                Flag("--only", value: "S", kind: .choices(["ev44", "ev42", "f144"]), help: "Schemas."),
            ]
        ) { _ in 0 },
        Command("topic delete", "Deletes.", example: "", operands: "NAME...", count: 1...9, kinds: [.topic]) { _ in 0 },
        Command(
            "consume", "Reads.", aliases: ["listen"], example: "", operands: "TOPIC FILE", count: 1...2,
            kinds: [.topic, .file]
        ) { _ in 0 },
        Command("secret", "Hidden.", example: "", isHidden: true) { _ in 0 },
    ]
    private let completion = Completion(commands: Self.commands) { kind, words in
        kind == .topic ? ["A_events", "B_events", words.joined(separator: "+")] : []
    }

    private func words(_ words: String...) -> [String]? {
        guard case .words(let candidates) = completion.answer(words) else { return nil }
        return candidates.map(\.word)
    }

    @Test func completesCommands() {
        #expect(words("") == ["topic", "consume", "listen", "help"])
        #expect(words("l") == ["listen"])
        #expect(words("s") == [])
        #expect(words("topic", "") == ["list", "delete"])
        #expect(words("topic", "d") == ["delete"])
        #expect(words("help", "topic", "l") == ["list"])
        #expect(words("nonsense", "") == [])
    }

    @Test func completesFlagsByTheirFirstName() {
        #expect(words("topic", "list", "--") == ["--broker", "--format", "--only", "--help"])
        #expect(words("topic", "list", "--b") == ["--broker", "--brokers"])
        #expect(words("topic", "list", "--format", "json", "--") == ["--broker", "--only", "--help"])
        #expect(words("topic", "list", "--", "--x") == [])
    }

    @Test func completesValues() {
        #expect(words("topic", "list", "--format", "j") == ["json"])
        #expect(words("topic", "list", "--format=") == ["--format=table", "--format=json"])
        #expect(words("topic", "list", "--only", "ev") == ["ev44", "ev42"])
        #expect(words("topic", "list", "--only", "ev44,") == ["ev44,ev42", "ev44,f144"])
        #expect(words("topic", "list", "--broker", "") == [])
    }

    @Test func asksTheBrokerForTopics() {
        #expect(words("topic", "list", "-b", "h:1", "") == ["A_events", "B_events", "-b+h:1"])
        #expect(words("listen", "B") == ["B_events"])
        #expect(words("topic", "delete", "x", "A") == ["A_events"])
        #expect(words("topic", "list", "x", "") == [])
        #expect(completion.answer(["consume", "A_events", ""]) == .files)
    }
}
