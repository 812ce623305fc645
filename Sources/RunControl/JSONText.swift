import Schemas

/// Text in JSON's quotes, which are also those of TOML's basic strings.
enum JSONText {
    /// The text as a JSON string with its quotes.
    static func quoted(_ text: String) -> String {
        var json = JSONWriter()
        json.value(text)
        return json.text
    }

    /// The text of a quoted string as `quoted` makes it; nil for anything else.
    static func unquoted(_ quoted: String) -> String? {
        let scalars = Array(quoted.unicodeScalars)
        guard scalars.count >= 2, scalars.first == "\"", scalars.last == "\"" else { return nil }
        var result = ""
        var index = 1
        while index < scalars.count - 1 {
            let scalar = scalars[index]
            index += 1
            guard scalar != "\"" else { return nil }
            guard scalar == "\\" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            guard index < scalars.count - 1 else { return nil }
            let kind = scalars[index]
            index += 1
            switch kind {
            case "\"", "\\": result.unicodeScalars.append(kind)
            case "n": result += "\n"
            case "r": result += "\r"
            case "t": result += "\t"
            case "u":
                guard index + 4 <= scalars.count - 1 else { return nil }
                let digits = String(String.UnicodeScalarView(scalars[index..<index + 4]))
                guard let value = UInt32(digits, radix: 16), let unescaped = Unicode.Scalar(value) else { return nil }
                result.unicodeScalars.append(unescaped)
                index += 4
            default: return nil
            }
        }
        return result
    }

    /// The text without spaces, tabs and carriage returns at its ends.
    static func trimmed<Text: StringProtocol>(_ text: Text) -> Text.SubSequence {
        func isBlank(_ character: Character) -> Bool {
            character == " " || character == "\t" || character == "\r" || character == "\r\n"
        }
        let front = text.drop { isBlank($0) }
        guard let last = front.lastIndex(where: { !isBlank($0) }) else { return front }
        return front[...last]
    }
}
