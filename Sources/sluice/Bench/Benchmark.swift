import Glibc

/// Something that is measured.
struct Benchmark: Sendable {
    let name: String
    /// What it measures, in one line.
    let summary: String
    let run: @Sendable (BenchContext) throws -> [Measurement]
}

/// One measured value with the limit that was measured beside it.
struct Measurement {
    /// What was measured, such as `produce acks=1`.
    let name: String
    let unit: String
    /// The median.
    let measured: Double
    /// What the machine does without us: its name and the median.
    var limit: (name: String, value: Double)?
    /// Measured by limit: the median of the runs' own ratios, so that a slow moment of the machine weighs on both.
    var ratio: Double?
    /// What is aimed at, such as `>= 0.85`.
    var target: String?

    /// A value without a limit.
    init(_ name: String, unit: String, _ measured: Double, target: String? = nil) {
        self.name = name
        self.unit = unit
        self.measured = measured
        self.target = target
    }

    /// A value whose runs alternated with runs of a limit.
    init(_ name: String, unit: String, runs: [(measured: Double, limit: Double)], limit: String, target: String) {
        self.init(name, unit: unit, Self.median(runs.map(\.measured)), target: target)
        self.limit = (limit, Self.median(runs.map(\.limit)))
        self.ratio = Self.median(runs.map { $0.measured / $0.limit })
    }

    /// A value of this measurement with its unit.
    func text(_ value: Double) -> String { "\(Self.rounded(value)) \(unit)" }

    /// Three digits or all of the whole part, whichever is more.
    static func rounded(_ value: Double) -> String {
        guard value.isFinite else { return "-" }
        let places = abs(value) >= 100 || value == 0 ? 0 : abs(value) >= 10 ? 1 : 2
        let scale = pow(10, Double(places))
        let scaled = (value * scale).rounded() / scale
        return places == 0 ? String(Int64(scaled)) : String(scaled)
    }

    /// The middle value; of an even number the lower of the two.
    static func median(_ values: [Double]) -> Double {
        precondition(!values.isEmpty)
        return values.sorted()[(values.count - 1) / 2]
    }
}
