/// Rates and sizes for people.
enum Rate {
    /// Five digits behind the point.
    static func fixed(_ value: Double) -> String {
        let scaled = Int64((max(0, value) * 1e5).rounded())
        let fraction = String(scaled % 100_000)
        return "\(scaled / 100_000)." + String(repeating: "0", count: 5 - fraction.count) + fraction
    }

    /// About three digits that count.
    static func text(_ value: Double) -> String {
        if value == 0 || value >= 100 && value < 1e15 { return "\(Int64(value.rounded()))" }
        let digits = value >= 1 ? 100.0 : 10_000.0
        return "\((value * digits).rounded() / digits)"
    }
}
