import TestSupport
import Testing

@testable import Broker

@Suite struct TopicPatternTests {
    private func matches(_ pattern: String, _ name: String) throws -> Bool {
        try TopicPattern(pattern).matches(name)
    }

    @Test(
        arguments: [
            ("LARMOR_events", "LARMOR_events", true), ("LARMOR_events", "LARMOR_event", false),
            ("LARMOR", "LARMOR_events", false), ("LARMOR.*", "LARMOR_events", true), (".*_events", "A_events", true),
            ("^LARMOR_.*$", "LARMOR_runInfo", true), ("^LARMOR_(events|runInfo)$", "LARMOR_runInfo", true),
            ("^LARMOR_(events|runInfo)$", "LARMOR_runLog", false), ("a|b", "a", true), ("a|b|", "", true),
            ("a|b", "ab", false), ("a+", "aaa", true), ("a+", "", false), ("a*?b", "aab", true), ("ab?c", "ac", true),
            ("a{2,3}", "aa", true), ("a{2,3}", "aaaa", false), ("a{2,}", "aaaaa", true), ("a{2}", "aaa", false),
            ("a{,2}", "a{,2}", true), ("[a-c]x", "bx", true), ("[a-c]x", "dx", false), ("[^a-c]x", "dx", true),
            ("[]a]", "]", true), ("[a-]", "-", true), ("[[:digit:]]+", "0123", true), ("[[:^digit:]]+", "abc", true),
            ("[\\d.]+", "1.2", true), ("\\w+", "a_1", true), ("\\W", ".", true), ("\\D\\d", "a1", true),
            ("a\\.b", "a.b", true), ("a\\.b", "axb", false), ("\\Qa.b\\E", "a.b", true), ("\\Qa.b", "axb", false),
            ("(?i)larmor", "LaRmOr", true), ("(?i:a)b", "Ab", true), ("(?i:a)b", "AB", false),
            ("(?:ab)+", "abab", true), ("(?P<name>a)b", "ab", true), ("(?<name>a)b", "ab", true),
            ("\\bab\\b", "ab", true), ("a\\Bb", "ab", true), ("a\\bb", "ab", false), ("\\Aa\\z", "a", true),
            ("\\x41\\x{42}", "AB", true), ("\\p{Lu}\\pN", "A1", true), ("\\P{Lu}", "a", true), ("", "", true),
            ("", "a", false), ("(a*)*", "aaaa", true), ("(a|b)*c", "ababc", true), ("ä", "a", false), (".", ".", true),
            ("x*", "", true), ("()", "", true), ("(|a)+", "aa", true),
        ] as [(String, String, Bool)])
    func matchesWholeNames(_ pattern: String, _ name: String, _ isMatch: Bool) throws {
        #expect(try matches(pattern, name) == isMatch, "\(pattern) \(name)")
    }

    @Test(
        arguments: [
            "(", ")", "a)", "(a", "[a", "[", "*", "+a", "?", "a**", "a{3,2}", "a{1001}", "\\", "\\1", "(a)\\1", "(?=a)",
            "(?!a)", "(?<=a)b", "(?<!a)b", "(?P<>a)", "(?x)a", "[b-a]", "\\pX", "\\p{Greek", "[[:none:]]", "\\x{zz}",
            "\\y", "(?", "(?i", "\\x{110000}", "[\\", "[a-\\d]",
        ])
    func refusesWhatIsNoPattern(_ pattern: String) {
        #expect(throws: TopicPattern.Failure.self, "\(pattern)") { try TopicPattern(pattern) }
    }

    @Test func patternsAreBounded() throws {
        let deep = String(repeating: "(", count: 5000) + String(repeating: ")", count: 5000)
        for pattern in [
            deep, String(repeating: "a", count: TopicPattern.bytesMax + 1), "((a{1000}){1000}){1000}",
            "(((x?){1000}){1000}){1000}",
        ] {
            #expect(throws: TopicPattern.Failure.self) { try TopicPattern(pattern) }
        }
        #expect(try matches("(((){1000}){1000}){1000}", ""))
    }

    @Test func timeDoesNotExplode() throws {
        // Trying each way in turn would take 2^200 steps.
        let name = String(repeating: "a", count: 200)
        #expect(try !matches("(a*)*b", name))
        #expect(try !matches("(a|aa)+$b", name))
        #expect(try matches("(a?){200}a{200}", name))
    }

    @Test func randomTextNeverCrashes() {
        let pieces = [
            "(", ")", "[", "]", "a", "b", "*", "+", "?", "{2}", "|", "^", "$", "\\", ".", "-", "[:alpha:]", "(?i", ":",
        ]
        var generator = SplitMix(5)
        for _ in 0..<5000 {
            let text = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
                pieces.randomElement(using: &generator)!
            }.joined()
            if let pattern = try? TopicPattern(text) { _ = pattern.matches("ab-a") }
        }
    }
}
