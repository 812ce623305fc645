/// A piece of a condition, and where it stands.
struct FilterToken: Equatable {
    enum Kind: Equatable {
        /// A name, a keyword or a value without quotes.
        case word(String)
        case quoted(String)
        /// An operator, a bracket or a comma.
        case symbol(String)
        case end
    }

    let kind: Kind
    /// Characters before it.
    let position: Int

    /// The token for messages.
    var shown: String {
        switch kind {
        case .word(let text), .symbol(let text): text
        case .quoted(let text): "\"\(text)\""
        case .end: "the end"
        }
    }
}

/// Cuts a condition into tokens.
enum FilterLexer {
    private static let symbols = [
        "==", "!=", "<=", ">=", "!~", "=~", "&&", "||", "<>", "=", "<", ">", "~", "!", "(", ")", ",",
    ]

    static func tokens(_ text: String) throws(FilterSyntaxError) -> [FilterToken] {
        let characters = Array(text)
        var tokens: [FilterToken] = []
        var index = 0
        while index < characters.count {
            let start = index
            let character = characters[index]
            if character.isWhitespace {
                index += 1
            } else if character == "\"" || character == "'" {
                tokens.append(FilterToken(kind: .quoted(try quoted(characters, &index)), position: start))
            } else if isWord(character) {
                while index < characters.count, isWord(characters[index]) { index += 1 }
                tokens.append(FilterToken(kind: .word(String(characters[start..<index])), position: start))
            } else if let symbol = symbols.first(where: { characters[index...].starts(with: $0) }) {
                index += symbol.count
                tokens.append(FilterToken(kind: .symbol(symbol), position: start))
            } else {
                throw FilterSyntaxError(position: start, reason: "\(character) means nothing here; text goes in quotes")
            }
        }
        return tokens + [FilterToken(kind: .end, position: characters.count)]
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "_.[]+-:/*?".contains(character)
    }

    private static func quoted(_ characters: [Character], _ index: inout Int) throws(FilterSyntaxError) -> String {
        let start = index
        let quote = characters[index]
        var text = ""
        index += 1
        while index < characters.count {
            let character = characters[index]
            index += 1
            if character == quote { return text }
            if character == "\\", index < characters.count {
                text.append(characters[index])
                index += 1
            } else {
                text.append(character)
            }
        }
        throw FilterSyntaxError(position: start, reason: "the quote is not closed")
    }
}
