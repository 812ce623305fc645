/// Remarks on what is missing or could not be used, in the order they came up; a named maximum is kept.
struct Problems {
    /// Most remarks kept; the rest are only counted.
    static let keptMax = 200

    private var kept: [String] = []
    private var dropped = 0

    /// Adds a remark unless the same was made already.
    mutating func note(_ text: String) {
        if kept.contains(text) { return }
        if kept.count < Self.keptMax { kept.append(text) } else { dropped += 1 }
    }

    /// The remarks, and a last one that counts those not kept.
    var texts: [String] { dropped == 0 ? kept : kept + ["and \(dropped) more"] }

    /// Whether there is none.
    var isEmpty: Bool { kept.isEmpty }
}
