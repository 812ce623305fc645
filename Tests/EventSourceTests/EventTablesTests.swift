import Foundation
import Testing

@testable import EventSource

/// A panel small enough for debug builds, with the same angles as the demonstration instrument's.
func smallInstrument() -> InstrumentDescription {
    var instrument = InstrumentDescription(name: "TEST")
    instrument.panel.width = 64
    instrument.panel.height = 64
    instrument.panel.pixelSizeMetres = 0.016
    instrument.panel.deadTubes = [9, 45]
    return instrument
}

@Suite struct EventTablesTests {
    struct Events {
        var pixels: [Int32]
        var times: [Int32]
    }

    static let instrument = smallInstrument()
    static let events = sample(EventTables(instrument, frameNanoseconds: 100_000_000), count: 200_000, seed: 7)

    static func sample(_ tables: EventTables, count: Int, seed: UInt64) -> Events {
        var events = Events(
            pixels: [Int32](repeating: 0, count: count), times: [Int32](repeating: 0, count: count))
        var random = RandomSource(seed: seed, stream: 0)
        events.pixels.withUnsafeMutableBufferPointer { pixels in
            events.times.withUnsafeMutableBufferPointer { times in
                tables.fillEvents(pixelIDs: pixels, timesOfFlight: times, random: &random)
            }
        }
        return events
    }

    private func position(_ pixel: Int32) -> (x: Int, y: Int) {
        let index = Int(pixel - Self.instrument.panel.firstPixel)
        return (index % Self.instrument.panel.width, index / Self.instrument.panel.width)
    }

    @Test func onlyLivePixelsCount() {
        let panel = Self.instrument.panel
        for pixel in Self.events.pixels {
            let (x, y) = position(pixel)
            guard (0..<64).contains(x) && (0..<64).contains(y) && panel.isLive(x: x, y: y) else {
                Issue.record("pixel \(pixel) cannot count")
                return
            }
        }
        #expect(!panel.isLive(x: 9, y: 3))
        #expect(!panel.isLive(x: 32, y: 32))
        #expect(panel.isLive(x: 10, y: 3))
    }

    @Test func timesLieInTheFrame() {
        #expect(Self.events.times.allSatisfy { (0..<100_000_000).contains($0) })
        // The ambient background reaches the frame's end.
        #expect(Self.events.times.contains { $0 > 95_000_000 })
    }

    @Test func peaksStandWhereBraggsLawSays() {
        let panel = Self.instrument.panel
        let silicon = 3.1356
        // Pixels on which the strongest reflection diffracts within one of the choppers' bands (1.15 Å).
        let sine = 1.15 / (2 * silicon)
        var ratios: [Double] = []
        for (pixel, time) in zip(Self.events.pixels, Self.events.times) {
            let (x, y) = position(pixel)
            let pixelSine = sin(panel.twoTheta(x: x, y: y) / 2)
            guard abs(pixelSine / sine - 1) < 0.01 else { continue }
            let path = panel.flightPath(x: x, y: y)
            let expected = 252_778.4 * path * 2 * silicon * pixelSine
            ratios.append(Double(time) / expected)
        }
        let near = ratios.filter { abs($0 - 1) < 0.015 }
        #expect(near.count > 1000)
        // Most of what such a pixel sees lies in the peak, which other reflections do not reach.
        #expect(Double(near.count) > 0.5 * Double(ratios.count))
        let mean = near.reduce(0, +) / Double(near.count)
        // The moderator's decay makes the peak late by 12 µs of 5 ms.
        #expect(abs(mean - 1.0025) < 0.001)
    }

    @Test func ringsAppearOnThePanel() {
        let panel = Self.instrument.panel
        func density(sine: Double) -> Double {
            var area = 0
            var inside = Set<Int32>()
            for y in 0..<64 {
                for x in 0..<64 where panel.isLive(x: x, y: y) {
                    guard abs(sin(panel.twoTheta(x: x, y: y) / 2) / sine - 1) < 0.015 else { continue }
                    area += 1
                    inside.insert(panel.firstPixel + Int32(y * 64 + x))
                }
            }
            return Double(Self.events.pixels.count { inside.contains($0) }) / Double(area)
        }
        let ring = density(sine: 1.15 / (2 * 3.1356))
        let before = density(sine: 1.0 / (2 * 3.1356))
        #expect(ring > 3 * before)
    }

    @Test func theSameSeedGivesTheSameEvents() {
        let tables = EventTables(Self.instrument, frameNanoseconds: 100_000_000)
        let first = Self.sample(tables, count: 5000, seed: 3)
        let again = Self.sample(
            EventTables(Self.instrument, frameNanoseconds: 100_000_000), count: 5000, seed: 3)
        let other = Self.sample(tables, count: 5000, seed: 4)
        #expect(first.pixels == again.pixels && first.times == again.times)
        #expect(first.pixels != other.pixels && first.times != other.times)
    }

    @Test func monitorHasAHumpAtTheSpectrumsPeak() {
        var instrument = Self.instrument
        instrument.spectrum.bands = []
        instrument.spectrum.whiteShare = 1
        let tables = EventTables(instrument, frameNanoseconds: 100_000_000)
        var random = RandomSource(seed: 1, stream: 2)
        var times = [Int32](repeating: 0, count: 50_000)
        times.withUnsafeMutableBufferPointer { tables.fillMonitor(timesOfFlight: $0, random: &random) }
        var bins = [Int](repeating: 0, count: 100)
        for time in times where time < 20_000_000 { bins[Int(time) / 200_000] += 1 }
        let highest = bins.indices.max { bins[$0] < bins[$1] } ?? 0
        // λ⁻⁵ exp(-949 K Å² / T λ²) is highest at sqrt(2 / 5 · 949 / 300) = 1.125 Å: 4.27 ms at 15 m.
        #expect(abs(Double(highest) * 0.2 + 0.1 - 4.27) < 0.5)
    }
}

@Suite struct SamplingTests {
    @Test func aliasTableKeepsItsWeights() {
        let weights = [0.0, 5, 1, 0, 3, 1e-3, 0]
        let table = AliasTable(weights: weights)
        var random = RandomSource(seed: 5, stream: 0)
        var counts = [Double](repeating: 0, count: weights.count)
        for _ in 0..<200_000 {
            counts[AliasTable.draw(table.cells.span, UInt32(truncatingIfNeeded: random.next()))] += 1
        }
        let total = weights.reduce(0, +)
        for (index, weight) in weights.enumerated() {
            let expected = weight / total * 200_000
            #expect(abs(counts[index] - expected) <= 5 * expected.squareRoot())
        }
        #expect(counts[0] == 0 && counts[3] == 0 && counts[6] == 0)
    }

    @Test func quantilesCutADensityIntoEqualShares() {
        let quantiles = Quantiles(shares: 100, from: 0, to: 10) { 2 * $0 }
        #expect(quantiles.edges.count == 101)
        #expect(quantiles.edges.first == 0 && quantiles.edges.last == 10)
        for (share, edge) in quantiles.edges.enumerated() {
            #expect(abs(edge - 10 * (Double(share) / 100).squareRoot()) < 0.05)
        }
    }

    @Test(arguments: [0.0, 0.5, 7, 29.5, 1000, 1e6])
    func countsFluctuateLikeCounts(mean: Double) {
        var random = RandomSource(seed: 11, stream: 1)
        let counts = (0..<4000).map { _ in Double(random.count(mean: mean)) }
        let average = counts.reduce(0, +) / 4000
        let variance = counts.reduce(0) { $0 + ($1 - average) * ($1 - average) } / 4000
        #expect(abs(average - mean) <= 5 * (mean / 4000).squareRoot())
        #expect(abs(variance - mean) <= 0.15 * mean)
    }
}
