/// Counts events by time of flight.
///
/// - Parameters:
///   - times: ns, any value.
///   - low, span, multiplier: of the axis.
///   - bins: `outside` + 1 numbers; the last takes what is outside the axis.
///   - weight: 1 to count, -1 to take counted events out again.
@inline(never)
func countTimes(
    _ times: UnsafeBufferPointer<Int32>, low: Int32, span: UInt64, multiplier: UInt64,
    into bins: UnsafeMutablePointer<Int64>, outside: Int, weight: Int64
) {
    let low = Int64(low)
    let outside = UInt64(truncatingIfNeeded: outside)
    for time in times {
        // A time before the first edge becomes a huge distance, so one comparison covers both ends.
        let distance = UInt64(bitPattern: Int64(time) &- low)
        let bin = distance.multipliedFullWidth(by: multiplier).high
        let slot = distance < span ? bin : outside
        bins[Int(truncatingIfNeeded: slot)] &+= weight
    }
}

/// Counts events by pixel.
///
/// - Parameters:
///   - pixels: identifiers, any value.
///   - first: the identifier that counts into bin 0.
///   - bins: `outside` + 1 numbers; the last takes identifiers that have no bin.
///   - weight: 1 to count, -1 to take counted events out again.
@inline(never)
func countPixels(
    _ pixels: UnsafeBufferPointer<Int32>, first: Int32, into bins: UnsafeMutablePointer<Int64>, outside: Int,
    weight: Int64
) {
    let outside = UInt32(truncatingIfNeeded: outside)
    for pixel in pixels {
        // Wraps for identifiers below the first: they become large and land outside like the others.
        let index = min(UInt32(bitPattern: pixel &- first), outside)
        bins[Int(truncatingIfNeeded: index)] &+= weight
    }
}
