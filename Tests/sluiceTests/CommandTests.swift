import Testing

@testable import sluice

@Suite struct CommandTests {
    static let command = Command(
        "thing do", "Does it.", example: "sluice thing do x", operands: "NAME...", count: 1...2,
        flags: [
            Flag("--count", "-n", value: "N", kind: .integer(-9...9), help: "How many."),
            Flag("--all", "-a", help: "All."),
            Flag("--set", value: "K=V", kind: .pair, repeatable: true, help: "One."),
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
        ["a", "b", "c"], ["a", "--count", "10"], ["a", "--count", "x"], ["a", "--set", "x"], ["a", "--set", "=1"],
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

    @Test func valuesAreCheckedByTheirKind() {
        let good: [(ValueKind, String)] = [
            (.choice(["a", "b"]), "b"), (.choices(["a", "b"]), "a,b"), (.integer(0...9), "9"), (.number(0...1), "0.5"),
            (.duration, "250ms"), (.size, "10MB"), (.pair, "a=b=c"), (.text, ""), (.topic, "h:1/t"),
        ]
        for (kind, text) in good { #expect(kind.complaint(text) == nil, "\(kind) \(text)") }
        let bad: [(ValueKind, String, String)] = [
            (.choice(["a", "b", "c"]), "d", "a, b or c"), (.choices(["a", "b"]), "a,x", "a or b"),
            (.integer(0...9), "10", "a whole number from 0 to 9"), (.integer(0...Int.max), "x", "a whole number"),
            (.number(0...1), "2", "a number from 0.0 to 1.0"), (.duration, "10", "a duration such as 250ms, 10s or 5m"),
            (.size, "10 apples", "a size such as 512KiB or 10MB"), (.pair, "a", "NAME=VALUE"),
        ]
        for (kind, text, must) in bad { #expect(kind.complaint(text) == must, "\(kind) \(text)") }
    }

    @Test func aliasesNameTheCommand() {
        let command = Command("log list", "Lists.", aliases: ["ls"], example: "") { _ in 0 }
        #expect(command.match(["log", "ls", "x"]) == 2)
        #expect(command.match(["log", "l"]) == nil)
    }

    @Test func everyCommandDocumentsItsFlags() {
        for command in CommandTable.all {
            #expect(command.example.contains("sluice \(command.name)"), "\(command.name)")
            #expect(command.summary.hasSuffix("."), "\(command.name)")
            #expect(command.operands.isEmpty == (command.operandCount.upperBound == 0), "\(command.name)")
            for flag in command.flags {
                #expect(flag.help.hasSuffix("."), "\(command.name) \(flag.key)")
                #expect(flag.valueName != nil || flag.kind == .text, "a switch takes no value: \(flag.key)")
            }
            let names = command.flags.flatMap(\.names)
            #expect(Set(names).count == names.count, "\(command.name) has two flags of one name")
            for name in names { #expect(name.hasPrefix("--") || name.count == 2, "\(command.name) \(name)") }
        }
        let paths = CommandTable.all.flatMap(\.paths)
        #expect(Set(paths).count == paths.count, "two commands of one name")
    }

    @Test func everyFlagIsInHelpAndCompletion() {
        let completion = Completion(commands: CommandTable.all) { _, _ in [] }
        for command in CommandTable.all where !command.isHidden {
            let page = Help.page(command)
            guard case .words(let offered) = completion.answer(command.path + ["-"]) else {
                Issue.record("\(command.name) completes no flags")
                continue
            }
            for flag in command.flags {
                #expect(page.contains(flag.help) && flag.names.allSatisfy(page.contains), "\(command.name) \(flag.key)")
                #expect(offered.contains { $0.word == flag.key }, "\(command.name) \(flag.key)")
            }
            #expect(Help.overview(CommandTable.sections).contains("  \(command.name) "), "\(command.name)")
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
}
