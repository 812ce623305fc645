import Glibc

/// e to the power of `x`.
func exponential(_ x: Double) -> Double { exp(x) }

/// The inverse of a cumulative distribution, cut into equal shares: what turns a random fraction into a sample.
struct Quantiles: Sendable {
    /// Edges of the shares, ascending: share `i` lies between `edges[i]` and `edges[i + 1]`.
    let edges: [Double]

    /// The quantiles of an unnormalised density on `lowest...highest`, in `shares` parts.
    ///
    /// - Precondition: the density is nowhere negative, and positive somewhere.
    init(shares: Int, from lowest: Double, to highest: Double, density: (Double) -> Double) {
        precondition(shares > 0 && lowest < highest)
        let steps = shares * 16
        let width = (highest - lowest) / Double(steps)
        var cumulative = [0.0]
        cumulative.reserveCapacity(steps + 1)
        for step in 0..<steps {
            let value = density(lowest + (Double(step) + 0.5) * width)
            precondition(value >= 0 && value.isFinite)
            cumulative.append(cumulative[step] + value)
        }
        let total = cumulative[steps]
        precondition(total > 0, "a density without any weight has no quantiles")
        var edges = [lowest]
        var step = 0
        for share in 1..<shares {
            let target = total * Double(share) / Double(shares)
            while cumulative[step + 1] < target { step += 1 }
            let part = (target - cumulative[step]) / (cumulative[step + 1] - cumulative[step])
            edges.append(lowest + (Double(step) + part) * width)
        }
        self.edges = edges + [highest]
    }
}
