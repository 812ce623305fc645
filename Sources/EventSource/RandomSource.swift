/// A fast integer random generator of the wyrand family: one 64-bit addition and one widening multiplication a number.
///
/// The sequence depends on the seed alone, on every machine, so that a simulated run can be repeated event by event.
@usableFromInline
struct RandomSource: Sendable {
    @usableFromInline
    var state: UInt64

    /// The generator of one pulse: independent of every other pulse of the same run.
    init(seed: UInt64, stream: UInt64) {
        state = seed &* 0x9e37_79b9_7f4a_7c15 ^ (stream &+ 1) &* 0xd1b5_4a32_d192_ed03
        // Neighbouring streams start from neighbouring states: a few steps spread them.
        for _ in 0..<4 { state ^= next() }
    }

    /// The next 64 random bits.
    @inline(__always)
    @usableFromInline
    mutating func next() -> UInt64 {
        state &+= 0xa076_1d64_78bd_642f
        let product = state.multipliedFullWidth(by: state ^ 0xe703_7ed1_a0b4_28db)
        return product.high ^ product.low
    }

    /// A number in 0..<1 with 53 random bits.
    mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A normally distributed number with mean 0 and variance 1: twelve uniform numbers, cut at six deviations.
    mutating func normal() -> Double {
        var sum = -6.0
        for _ in 0..<12 { sum += uniform() }
        return sum
    }

    /// A count with this mean that fluctuates as counts do (Poisson), exact below 30 and normal above.
    mutating func count(mean: Double) -> Int {
        precondition(mean >= 0 && mean < 1e9)
        guard mean < 30 else { return max(0, Int((mean + mean.squareRoot() * normal()).rounded())) }
        // The probability of n is the one of n - 1 times mean / n; exp(-mean) by its series, scaled.
        var probability = exponential(-mean)
        var left = uniform()
        var count = 0
        while left >= probability && count < 200 {
            left -= probability
            count += 1
            probability *= mean / Double(count)
        }
        return count
    }
}
