import Glibc

/// Which neutrons reach the sample: a Maxwellian from a room-temperature moderator, of which choppers let pass some
/// narrow bands fully and the rest weakly. The bands make sharp rings on the panel; the rest gives every pixel its
/// whole diffraction pattern. Wavelengths are in ångström.
public struct IncidentSpectrum: Sendable, Equatable {
    /// A band that the choppers let pass.
    public struct Band: Sendable, Equatable {
        /// The middle of the band.
        public var wavelength: Double
        /// Its standard deviation as a share of the wavelength.
        public var relativeWidth: Double

        /// A band around a wavelength.
        public init(wavelength: Double, relativeWidth: Double) {
            self.wavelength = wavelength
            self.relativeWidth = relativeWidth
        }
    }

    /// The moderator's temperature in kelvin.
    public var moderatorKelvin = 300.0
    /// What passes outside the bands, 0...1.
    public var whiteShare = 0.12
    /// The bands.
    public var bands = [0.55, 0.8, 1.15, 1.65].map { Band(wavelength: $0, relativeWidth: 0.02) }
    /// The shortest wavelength that there is.
    public var wavelengthMinimum = 0.2
    /// The longest wavelength that there is.
    public var wavelengthMaximum = 6.0

    /// The spectrum of the demonstration instrument.
    public init() {}

    /// The flux per wavelength, in arbitrary units; 0 outside the limits.
    public func density(_ wavelength: Double) -> Double {
        guard wavelength >= wavelengthMinimum && wavelength <= wavelengthMaximum else { return 0 }
        // h² / (2 m k T) in Å²: 949 K Å² over the temperature.
        let square = 949 / moderatorKelvin / (wavelength * wavelength)
        let maxwellian = exp(-square) / (wavelength * wavelength * wavelength * wavelength * wavelength)
        var passed = whiteShare
        for band in bands {
            let deviation = (wavelength - band.wavelength) / (band.relativeWidth * band.wavelength)
            passed += (1 - whiteShare) * exp(-deviation * deviation / 2)
        }
        return maxwellian * min(1, passed)
    }

    /// What a neutron of 1 Å needs for 1 m, in nanoseconds: its mass over Planck's constant.
    public static let nanosecondsPerMetreAngstrom = 252_778.4

    func validate() throws(EventSourceError) {
        let limits = wavelengthMinimum > 0 && wavelengthMinimum < wavelengthMaximum && wavelengthMaximum <= 100
        guard limits && moderatorKelvin > 0 && (0...1).contains(whiteShare) else {
            throw .invalidConfiguration(
                "the incident spectrum needs 0 < shortest < longest wavelength <= 100 Å, a temperature above 0 K and a "
                    + "white share within 0...1")
        }
        guard bands.allSatisfy({ $0.wavelength > 0 && $0.relativeWidth > 0 }) else {
            throw .invalidConfiguration("a chopper band needs a wavelength and a width above 0")
        }
    }
}
