/// Draws an index with a given probability in constant time, by Walker's alias method.
///
/// Layout: one cell of 8 bytes an index. A random fraction below `threshold` keeps the cell's own index, one above it
/// takes `alias`.
struct AliasTable: Sendable {
    /// One cell.
    struct Cell: Sendable {
        /// The share of the cell that belongs to its own index, in units of 2^-32.
        var threshold: UInt32
        /// The index that owns the rest.
        var alias: UInt32
    }

    /// As many cells as there are weights.
    let cells: [Cell]

    /// A table for these weights, which need no normalisation; an index without weight is never drawn.
    init(weights: [Double]) {
        precondition(!weights.isEmpty && weights.count <= 1 << 24)
        let sum = weights.reduce(0, +)
        precondition(sum > 0 && sum.isFinite && weights.allSatisfy { $0 >= 0 })
        var scaled = weights.map { $0 / sum * Double(weights.count) }
        var cells = weights.indices.map { Cell(threshold: .max, alias: UInt32($0)) }
        var small = scaled.indices.filter { scaled[$0] < 1 }
        var large = scaled.indices.filter { scaled[$0] >= 1 }
        while let donor = large.last, let taker = small.popLast() {
            cells[taker] = Cell(threshold: UInt32(scaled[taker] * 0x1p32), alias: UInt32(donor))
            scaled[donor] -= 1 - scaled[taker]
            if scaled[donor] < 1 {
                large.removeLast()
                small.append(donor)
            }
        }
        // What is left differs from 1 by rounding alone, except for indices without weight, which must not be drawn.
        if let heaviest = weights.indices.max(by: { weights[$0] < weights[$1] }) {
            for index in small where weights[index] == 0 {
                cells[index] = Cell(threshold: 0, alias: UInt32(heaviest))
            }
        }
        self.cells = cells
    }

    /// The index that 32 random bits choose.
    @inline(__always)
    static func draw(_ cells: borrowing Span<Cell>, _ bits: UInt32) -> Int {
        let product = UInt64(bits) &* UInt64(truncatingIfNeeded: cells.count)
        let index = Int(truncatingIfNeeded: product >> 32)
        let cell = cells[index]
        return UInt32(truncatingIfNeeded: product) < cell.threshold ? index : Int(cell.alias)
    }
}
