import Testing

@testable import sluice

@Suite struct CommandTests {
    static let command = Command(
        "thing do", "Does it.", example: "sluice thing do x", operands: "NAME...", count: 1...2,
        flags: [
            Flag("--count", "-n", value: "N", help: "How many."), Flag("--all", "-a", help: "All."),
            Flag("--set", value: "K=V", repeatable: true, help: "One."),
        ]
    ) { _ in 0 }

    @Test func sortsFlagsAndOperands() throws {
        let invocation = try Invocation(
            Self.command, words: ["a", "-n5", "--set=x=1", "--set", "y=2", "-a", "--", "--count"])
        #expect(invocation.operands == ["a", "--count"])
        #expect(try invocation.integer("--count", in: 0...9) == 5)
        #expect(invocation.all("--set") == ["x=1", "y=2"])
        #expect(invocation.has("--all"))
    }

    @Test(arguments: [
        ["a", "--cuont", "1"], ["a", "--count"], ["a", "--count", "1", "-n", "2"], ["a", "--all=1"], [],
        ["a", "b", "c"],
    ])
    func mistakesAreUsageErrors(words: [String]) {
        let error = #expect(throws: CommandError.self) { try Invocation(Self.command, words: words) }
        #expect(error?.code == ExitCode.usage)
    }

    @Test func negativeNumbersAreValuesAndOperands() throws {
        let invocation = try Invocation(Self.command, words: ["-5", "--count", "-3"])
        #expect(invocation.operands == ["-5"])
        #expect(invocation["--count"] == "-3")
    }

    @Test func everyCommandDocumentsItsFlags() {
        for command in CommandTable.all {
            #expect(command.example.contains("sluice \(command.name)"), "\(command.name)")
            #expect(command.summary.hasSuffix("."))
            for flag in command.flags { #expect(!flag.help.isEmpty, "\(command.name) \(flag.key)") }
            let names = command.flags.flatMap(\.names)
            #expect(Set(names).count == names.count, "\(command.name) has two flags of one name")
        }
    }

    @Test func everyExampleParses() throws {
        for command in CommandTable.all {
            // What stands before a pipe is not ours.
            let own = command.example.split(separator: "|").last ?? ""
            // A quoted word may hold spaces.
            let words = own.split(separator: "'", omittingEmptySubsequences: false).enumerated()
                .flatMap { index, part in index % 2 == 1 ? [part] : part.split(separator: " ") }.map(String.init)
            let rest = Array(words.drop { $0 != "sluice" }.dropFirst(1 + command.path.count))
            #expect(throws: Never.self, "\(command.example)") { try Invocation(command, words: rest) }
        }
    }

    @Test(arguments: [
        ("LARMOR_events", "LARMOR_*", true), ("LARMOR_events", "*_ev?nts", true), ("LARMOR_events", "LARMOR", false),
        ("", "*", true), ("abc", "a*b*c*", true), ("abc", "a?", false),
    ])
    func patterns(text: String, pattern: String, matches: Bool) {
        #expect(Pattern.matches(text, pattern) == matches)
    }
}
