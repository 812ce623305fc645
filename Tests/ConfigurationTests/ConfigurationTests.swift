import Configuration
import Foundation
import Testing

@Suite struct ConfigurationTests {
    @Test func laterSourcesWin() throws {
        let text = "instruments = [\"A\", \"B\"]\n[kafka]\nlisten = \"127.0.0.1:1\"\nmessage_max = \"1MB\"\n"
        let configuration = try Configuration(
            file: ("s.toml", text),
            environment: ["SLUICE_KAFKA__LISTEN": "127.0.0.1:2", "SLUICE_BROKER": "ignored", "HOME": "/"],
            flags: [("kafka.listen", "127.0.0.1:3", "--listen")])
        #expect(configuration.text("kafka.listen") == "127.0.0.1:3")
        #expect(configuration["kafka.listen"].origin == "flag --listen")
        #expect(configuration["kafka.message_max"].origin == "s.toml, line 4")
        #expect(configuration.bytes("kafka.message_max") == 1_000_000)
        #expect(configuration.list("instruments") == ["A", "B"])
        #expect(configuration["data.retention"].origin == "default")
        #expect(configuration.milliseconds("data.retention") == 7 * 86_400_000)
    }

    @Test(arguments: [
        ("[kafka]\nlistn = \"x\"", "s.toml, line 2: there is no setting kafka.listn; did you mean kafka.listen?"),
        ("[kafka]\nauto_create = 3", "s.toml, line 2: kafka.auto_create must be true or false, not \"3\""),
        ("[source]\nrate = 1e9", "s.toml, line 2: source.rate must be a number from 0 to 20000000"),
        ("[data]\nretention = \"soon\"", "s.toml, line 2: data.retention must be a duration"),
        ("[kafka]\nlisten = [1, 2]", "s.toml, line 2: kafka.listen must be a text"),
        ("kafka = = 1", "s.toml, line 1:"),
    ])
    func mistakesAreNamedWithTheirPlace(text: String, message: String) {
        let error = #expect(throws: ConfigurationError.self) { try Configuration(file: ("s.toml", text)) }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "no error")")
    }

    @Test func everyDefaultIsValid() throws {
        for setting in Setting.all {
            #expect(throws: Never.self) {
                try Configuration(flags: [(setting.key, setting.standard, "--set")])
            }
        }
    }

    @Test func theExampleFileShowsEveryKeyWithItsDefault() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../config/sluice.toml").path
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let configuration = try Configuration(file: ("sluice.toml", text))
        for setting in Setting.all {
            let value = configuration[setting.key]
            #expect(value.origin != "default", "\(setting.key) is missing")
            #expect(value.text == setting.standard || Units.number(value.text) == Units.number(setting.standard))
            #expect(text.contains(setting.help), "the help of \(setting.key) differs")
        }
    }

    @Test(arguments: [("250ms", 250), ("10s", 10_000), ("1.5m", 90_000), ("2h", 7_200_000), ("7d", 604_800_000)])
    func durations(text: String, milliseconds: Int) { #expect(Units.milliseconds(text) == milliseconds) }

    @Test(arguments: ["", "10", "s", "-5s", "1e400s", "10 parsecs", "NaNs"])
    func durationsRefused(text: String) { #expect(Units.milliseconds(text) == nil) }

    @Test(arguments: [("512KiB", 524_288), ("10MB", 10_000_000), ("4096", 4096), ("1e3", 1000)])
    func sizes(text: String, bytes: Int) { #expect(Units.bytes(text) == bytes) }

    @Test func nearestWord() {
        #expect(Suggestion.nearest(to: "conusme", among: ["consume", "config", "count"]) == "consume")
        #expect(Suggestion.nearest(to: "xyzzy", among: ["consume", "config"]) == nil)
    }
}
