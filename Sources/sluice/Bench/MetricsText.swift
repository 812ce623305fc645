/// Values out of Prometheus text (exposition format 0.0.4).
struct MetricsText {
    private let lines: [Substring]

    /// The text of `/metrics`.
    init(_ text: String) { lines = text.split(separator: "\n") }

    /// The sum of a metric over all its labels; 0 when there is none.
    func sum(_ name: String) -> Double { values(name).reduce(0, +) }

    /// The largest value of a metric over all its labels; 0 when there is none.
    func largest(_ name: String) -> Double { values(name).max() ?? 0 }

    private func values(_ name: String) -> [Double] {
        lines.compactMap { line in
            guard line.hasPrefix(name), let next = line.dropFirst(name.count).first, next == "{" || next == " ",
                let space = line.lastIndex(of: " ")
            else { return nil }
            return Double(line[line.index(after: space)...])
        }
    }
}
