import Schemas

/// Rows of text for a terminal, or the same as JSON for programs.
struct Table {
    /// A cell: text, or a number that is aligned to the right.
    enum Cell {
        case text(String)
        case number(Int64)
        /// A rate or a size: shown with few digits, exact as JSON.
        case real(Double)
        case missing

        var text: String {
            switch self {
            case .text(let text): text
            case .number(let number): String(number)
            case .real(let number): Rate.text(number)
            case .missing: "-"
            }
        }
    }

    static let formatFlag = Flag(
        "--format", value: "table|json", kind: .choice(["table", "json"]),
        help: "A table for people or JSON for programs (default: table).")

    let columns: [String]
    var rows: [[Cell]] = []

    init(_ columns: [String]) { self.columns = columns }

    /// Writes the table in the format that `--format` names.
    func print(_ invocation: Invocation) throws {
        if invocation["--format"] == "json" { Terminal.print(json) } else { Terminal.print(table, terminator: "") }
    }

    private var table: String {
        let widths = columns.indices.map { column in
            ([columns[column].count] + rows.map { $0[column].text.count }).max() ?? 0
        }
        let lines = [columns.map { Cell.text($0.uppercased()) }] + rows
        return lines.enumerated().map { index, line in
            let cells = line.enumerated().map { column, cell in
                let isRight: Bool
                switch rows.first?[column] {
                case .number, .real: isRight = true
                default: isRight = false
                }
                let padding = String(repeating: " ", count: widths[column] - cell.text.count)
                return isRight ? padding + cell.text : cell.text + padding
            }
            let joined = cells.joined(separator: "  ")
            let line = joined.prefix(through: joined.lastIndex { $0 != " " } ?? joined.startIndex)
            return index == 0 ? Terminal.emphasized(String(line)) + "\n" : line + "\n"
        }.joined()
    }

    private var json: String {
        var writer = JSONWriter()
        writer.array { writer in
            for row in rows {
                writer.object { writer in
                    for (column, cell) in zip(columns, row) {
                        writer.key(column.replacing(" ", with: "_"))
                        switch cell {
                        case .text(let text): writer.value(text)
                        case .number(let number): writer.value(number)
                        case .real(let number): writer.value(number)
                        case .missing: writer.null()
                        }
                    }
                }
            }
        }
        return writer.text
    }
}
