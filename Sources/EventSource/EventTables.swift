import Glibc

/// Everything precomputed that turns 64 random bits into one detector event: a pixel and its time of flight.
///
/// An event belongs to a *component* (a reflection, or one of three backgrounds) and to a *ring* (pixels of nearly the
/// same scattering angle). One alias table draws both together; the pixel is any of the ring's. The time of flight is
/// `factor(pixel) * slope + offset + spread * fraction`, where (slope, offset, spread) is one of the component's
/// `shapeCount` shapes: for a reflection `slope` is its spacing with the resolution's error and `offset` the
/// moderator's delay, for a background `slope` is 0 and offset and spread are a share of its distribution. So every
/// event costs the same few loads and no branch, and all tables together fit into a second-level cache.
struct EventTables: Sendable {
    /// Rings between the beam and the farthest corner; a power of two.
    static let ringCount = 512
    /// Shapes of a component; a power of two.
    static let shapeCount = 1024
    /// Components beside the reflections: incoherent, air, ambient.
    static let backgroundCount = 3

    /// The pixels of one ring.
    struct Ring: Sendable {
        /// Index of the first one in `pixels`.
        var first: UInt32
        /// How many there are.
        var count: UInt32
    }

    /// A pixel that counts.
    struct Pixel: Sendable {
        /// Its id.
        var id: Int32
        /// Time of flight of a reflection over its spacing, in ns / Å: Bragg's law at the pixel's angle and distance.
        var factor: Float
    }

    /// A share of a component's distribution.
    struct Shape: Sendable {
        /// In ångström.
        var slope: Float
        /// In nanoseconds.
        var offset: Float
        /// In nanoseconds.
        var spread: Float
    }

    /// Draws component and ring: index `component * ringCount + ring`.
    let cells: AliasTable
    /// The rings, from the beam outwards.
    let rings: [Ring]
    /// The live pixels, ring by ring.
    let pixels: [Pixel]
    /// The shapes, component by component.
    let shapes: [Shape]
    /// Times of flight in the monitor, in equal shares, in nanoseconds.
    let monitor: [Float]
    /// Times of flight lie in 0..<this.
    let frameNanoseconds: Int32

    /// The tables of an instrument; takes some milliseconds.
    init(_ instrument: InstrumentDescription, frameNanoseconds: Int32) {
        precondition(frameNanoseconds > 1)
        let grouped = Self.groupPixels(instrument.panel)
        self.frameNanoseconds = frameNanoseconds
        rings = grouped.rings
        pixels = grouped.pixels
        cells = AliasTable(weights: Self.weights(instrument, grouped.rings, grouped.sineMaximum))
        shapes = Self.shapes(instrument, frameNanoseconds)
        let scale = IncidentSpectrum.nanosecondsPerMetreAngstrom * instrument.moderatorToMonitorMetres
        let spectrum = instrument.spectrum
        let quantiles = Quantiles(
            shares: Self.shapeCount, from: spectrum.wavelengthMinimum, to: spectrum.wavelengthMaximum,
            density: spectrum.density)
        monitor = quantiles.edges.map { Float($0 * scale) }
    }

    private static func groupPixels(
        _ panel: PanelGeometry
    ) -> (rings: [Ring], pixels: [Pixel], sineMaximum: Double) {
        let sineMaximum = sin(panel.twoTheta(x: 0, y: 0) / 2)
        var members = [[Pixel]](repeating: [], count: ringCount)
        for y in 0..<panel.height {
            for x in 0..<panel.width where panel.isLive(x: x, y: y) {
                let sine = sin(panel.twoTheta(x: x, y: y) / 2)
                let ring = min(ringCount - 1, Int(sine / sineMaximum * Double(ringCount)))
                let factor = 2 * IncidentSpectrum.nanosecondsPerMetreAngstrom * panel.flightPath(x: x, y: y) * sine
                let id = panel.firstPixel &+ Int32(y * panel.width + x)
                members[ring].append(Pixel(id: id, factor: Float(factor)))
            }
        }
        var rings: [Ring] = []
        var pixels: [Pixel] = []
        for ring in members {
            rings.append(Ring(first: UInt32(pixels.count), count: UInt32(ring.count)))
            pixels += ring
        }
        return (rings, pixels, sineMaximum)
    }

    /// The probability of each pair of component and ring, unnormalised.
    private static func weights(
        _ instrument: InstrumentDescription, _ rings: [Ring], _ sineMaximum: Double
    ) -> [Double] {
        let sample = instrument.sample
        func perRing(_ intensity: (_ sine: Double) -> Double) -> [Double] {
            rings.indices.map { ring in
                let sine = (Double(ring) + 0.5) / Double(ringCount) * sineMaximum
                // A pixel away from the axis is farther, and seen at an angle: solid angle goes with cos³ 2θ.
                let cosine = 1 - 2 * sine * sine
                return Double(rings[ring].count) * cosine * cosine * cosine * intensity(sine)
            }
        }
        func normalised(_ weights: [Double], to share: Double) -> [Double] {
            let sum = weights.reduce(0, +)
            return sum > 0 ? weights.map { $0 / sum * share } : weights
        }
        // Integrated intensity of a reflection in time-of-flight powder diffraction: Φ(λ) d⁴ sin θ m F².
        let bragg = sample.reflections.flatMap { reflection in
            perRing { sine in
                let square = reflection.spacing * reflection.spacing
                return reflection.strength * square * square * sine
                    * instrument.spectrum.density(2 * reflection.spacing * sine)
            }
        }
        let incoherent = perRing { _ in 1 }
        let air = perRing { sine in exp(-sine / 0.06) }
        let ambient = rings.map { Double($0.count) }
        let braggWeights = normalised(bragg, to: sample.braggShare)
        let rest =
            normalised(incoherent, to: sample.incoherentShare) + normalised(air, to: sample.airShare)
            + normalised(ambient, to: sample.ambientShare)
        let weights = braggWeights + rest
        // A panel that no allowed wavelength reaches by diffraction still sees the ambient background.
        return weights.contains { $0 > 0 } ? weights : braggWeights.map { _ in 0 } + incoherent + air + ambient
    }

    private static func shapes(_ instrument: InstrumentDescription, _ frameNanoseconds: Int32) -> [Shape] {
        let sample = instrument.sample
        let spectrum = instrument.spectrum
        var random = RandomSource(seed: 0x51c0_ffee, stream: 0)
        var shapes: [Shape] = []
        for reflection in sample.reflections {
            for share in 0..<shapeCount {
                let slope = reflection.spacing * (1 + sample.relativeResolution * random.normal())
                // Delays in order, errors at random: both distributions are complete, their pairs independent.
                let delay = -log(1 - (Double(share) + 0.5) / Double(shapeCount)) * sample.decayNanoseconds
                shapes.append(Shape(slope: Float(slope), offset: Float(delay), spread: 500))
            }
        }
        func append(_ edges: [Double]) {
            for share in 0..<shapeCount {
                shapes.append(
                    Shape(slope: 0, offset: Float(edges[share]), spread: Float(edges[share + 1] - edges[share])))
            }
        }
        let panel = instrument.panel
        let path = panel.moderatorToSampleMetres + panel.sampleToPanelMetres
        let scale = IncidentSpectrum.nanosecondsPerMetreAngstrom * path
        let wavelengths = Quantiles(
            shares: shapeCount, from: spectrum.wavelengthMinimum, to: spectrum.wavelengthMaximum,
            density: spectrum.density)
        append(wavelengths.edges.map { $0 * scale })
        let frame = Double(frameNanoseconds)
        append(Quantiles(shares: shapeCount, from: 0, to: frame) { 1 / ($0 + frame / 200) }.edges)
        append(Quantiles(shares: shapeCount, from: 0, to: frame) { _ in 1 }.edges)
        return shapes
    }

    /// Fills both buffers with as many detector events as they hold.
    ///
    /// - Precondition: both buffers have the same length.
    func fillEvents(
        pixelIDs: UnsafeMutableBufferPointer<Int32>, timesOfFlight: UnsafeMutableBufferPointer<Int32>,
        random: inout RandomSource
    ) {
        precondition(pixelIDs.count == timesOfFlight.count)
        sampleEvents(
            cells: cells.cells.span, rings: rings.span, pixels: pixels.span, shapes: shapes.span,
            lastNanosecond: Float(frameNanoseconds).nextDown, pixelIDs: pixelIDs, timesOfFlight: timesOfFlight,
            random: &random)
    }

    /// Fills the buffer with times of flight of monitor events.
    func fillMonitor(timesOfFlight: UnsafeMutableBufferPointer<Int32>, random: inout RandomSource) {
        let last = Float(frameNanoseconds).nextDown
        for index in timesOfFlight.indices {
            let bits = random.next()
            let share = Int(truncatingIfNeeded: bits) & (Self.shapeCount - 1)
            let fraction = Float(Int32(truncatingIfNeeded: bits >> 40)) * 0x1p-24
            let time = monitor[share] + (monitor[share + 1] - monitor[share]) * fraction
            timesOfFlight[index] = Int32(min(time, last))
        }
    }
}

/// The hot loop of the simulation: one random number, five loads and a dozen operations an event.
private func sampleEvents(
    cells: borrowing Span<AliasTable.Cell>, rings: borrowing Span<EventTables.Ring>,
    pixels: borrowing Span<EventTables.Pixel>, shapes: borrowing Span<EventTables.Shape>, lastNanosecond: Float,
    pixelIDs: UnsafeMutableBufferPointer<Int32>, timesOfFlight: UnsafeMutableBufferPointer<Int32>,
    random: inout RandomSource
) {
    var generator = random
    for index in 0..<pixelIDs.count {
        let bits = generator.next()
        let cell = AliasTable.draw(cells, UInt32(truncatingIfNeeded: bits))
        let ring = rings[cell & (EventTables.ringCount - 1)]
        let product = (bits >> 32) &* UInt64(ring.count)
        let pixel = pixels[Int(ring.first &+ UInt32(truncatingIfNeeded: product >> 32))]
        // The low half of the product is the place within the pixel's own share: fresh random bits.
        let rest = UInt32(truncatingIfNeeded: product)
        let component = cell / EventTables.ringCount
        let shape = shapes[component &* EventTables.shapeCount &+ Int(rest >> 22)]
        let fraction = Float(Int32(truncatingIfNeeded: rest & 0x3f_ffff)) * 0x1p-22
        let time = pixel.factor * shape.slope + shape.offset + shape.spread * fraction
        pixelIDs[index] = pixel.id
        timesOfFlight[index] = Int32(max(0, min(time, lastNanosecond)))
    }
    random = generator
}
