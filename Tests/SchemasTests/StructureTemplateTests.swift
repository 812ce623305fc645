import Schemas
import Testing

@Suite struct StructureTemplateTests {
    @Test func placesAreFilledWithEscapedText() throws {
        let template = StructureTemplate(#"{"title": "{title}", "n": {run_number}, "x": {"y": "{{title}}"}}"#)
        let text = try template.filled(["title": "a \"b\"\\\n", "run_number": "12"])
        #expect(text == #"{"title": "a \"b\"\\\n", "n": 12, "x": {"y": "{a \"b\"\\\n}"}}"#)
    }

    @Test func objectsRepeatForEachItem() throws {
        let template = StructureTemplate(
            #"{"c": [1, {"repeat": "pv", "name": "{pv}", "in": "{i}", "k": [{"s": "{pv}"}]}, 2]}"#)
        let text = try template.filled(["i": "I"], lists: ["pv": [["pv": "A"], ["pv": "{i}"]]])
        // What an item brings along is text, not another place.
        #expect(
            text
                == #"{"c": [1, { "name": "A", "in": "I", "k": [{"s": "A"}]},{ "name": "{i}", "in": "I", "k": [{"s": "{i}"}]}, 2]}"#
        )
    }

    @Test(arguments: [
        (#"[{"repeat": "pv"}, 2]"#, "[ 2]"), (#"[1, {"repeat": "pv"}]"#, "[1]"), (#"[{"repeat": "pv"}]"#, "[]"),
        (#"[1, {"a": 1, "repeat": "pv" }, 2]"#, "[1,  2]"),
    ])
    func anEmptyListLeavesNothingBehind(template: String, expected: String) throws {
        #expect(try StructureTemplate(template).filled([:], lists: ["pv": []]) == expected)
    }

    @Test func theMarkMayStandAnywhereInItsObject() throws {
        let template = StructureTemplate(#"[{"a": 1, "repeat": "l" }, {"repeat": "l"}]"#)
        #expect(try template.filled([:], lists: ["l": [[:], [:]]]) == #"[{"a": 1 },{"a": 1 }, {},{}]"#)
    }

    @Test(arguments: [
        (#"{"a": "{unknown}"}"#, 1), ("{\n\"a\": \"{b}\"", 1), ("{\"a\n", 1), ("{}}", 1),
        (#"{"repeat": "nowhere"}"#, 1), (#"{"repeat": 1}"#, 1),
        (#"{"repeat": "l", "x": {"repeat": "l"}}"#, 1),
    ])
    func whatDoesNotFitIsNamedByLine(template: String, line: Int) {
        #expect {
            try StructureTemplate(template).filled([:], lists: ["l": [[:]]])
        } throws: { error in "\(error)".hasPrefix("line \(line): ") }
    }
}
