import Testing

@testable import Histogrammer

@Suite struct CountingKernelsTests {
    /// Axes with odd and even widths, offsets, one bin, and the whole range of a 32-bit time.
    static let axes = [
        TimeOfFlightAxis(), TimeOfFlightAxis(lowNanoseconds: -7, highNanoseconds: 1000, count: 13),
        TimeOfFlightAxis(lowNanoseconds: 5, highNanoseconds: 7, count: 1),
        TimeOfFlightAxis(lowNanoseconds: .min, highNanoseconds: .max, count: 1_000_003),
        TimeOfFlightAxis(lowNanoseconds: 0, highNanoseconds: 99_999_989, count: 4096),
    ]

    @Test(arguments: axes) func countsEveryEdgeExactly(_ axis: TimeOfFlightAxis) {
        let span = Int64(axis.spanNanoseconds)
        var times: [Int32] = [.min, .max, axis.lowNanoseconds, axis.highNanoseconds, -1, 0, 1]
        for bin in stride(from: 0, through: axis.count, by: max(1, axis.count / 997)) {
            // The first whole nanosecond of the bin, and the last of the one before.
            let edge = (Int64(bin) * span + Int64(axis.count) - 1) / Int64(axis.count)
            for near in [edge - 1, edge, edge + 1] {
                times.append(Int32(clamping: Int64(axis.lowNanoseconds) + near))
            }
        }
        let bins = Bins(count: axis.count)
        var expected = [Int64](repeating: 0, count: axis.count)
        var outside: Int64 = 0
        for time in times {
            let distance = Int64(time) - Int64(axis.lowNanoseconds)
            if distance >= 0, distance < span {
                expected[Int(distance * Int64(axis.count) / span)] += 1
            } else {
                outside += 1
            }
        }
        times.withUnsafeBufferPointer {
            countTimes(
                $0, low: axis.lowNanoseconds, span: axis.spanNanoseconds, multiplier: axis.multiplier,
                into: bins.base, outside: bins.count, weight: 1)
        }
        #expect(bins.counts == expected)
        #expect(bins.outside == outside)
    }

    @Test func putsUnknownPixelsOutside() {
        let bins = Bins(count: 4)
        let pixels: [Int32] = [10, 11, 11, 13, 14, 9, 0, -1, .min, .max]
        pixels.withUnsafeBufferPointer {
            countPixels($0, first: 10, into: bins.base, outside: bins.count, weight: 1)
        }
        #expect(bins.counts == [1, 2, 0, 1])
        #expect(bins.outside == 6)
    }

    @Test func givesEdges() {
        #expect(TimeOfFlightAxis(lowNanoseconds: 10, highNanoseconds: 16, count: 4).edges == [10, 11.5, 13, 14.5, 16])
    }
}
