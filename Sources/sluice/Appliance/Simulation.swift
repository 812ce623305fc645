import Configuration
import EventSource
import Forwarder

/// The simulated instrument and the simulated process variables, when they are switched on.
final class Simulation {
    private var threads: [ServiceThread] = []

    /// Starts what the appliance's settings ask for.
    init(_ appliance: Appliance) throws {
        let settings = appliance.configuration
        let name = settings.text("source.instrument")
        if settings.flag("source.enabled") {
            var configuration = SimulationConfiguration(instrument: InstrumentDescription(name: name))
            configuration.eventsPerSecond = settings.number("source.rate")
            configuration.pulseRate = settings.number("source.pulse_rate")
            configuration.seed = UInt64(settings.number("source.seed"))
            try configuration.validate()
            let (streams, metrics, checked) = (appliance.streams, appliance.metrics, configuration)
            threads.append(
                ServiceThread("source") { stop in
                    try SimulatedInstrument(streams: streams, configuration: checked, metrics: metrics).run(until: stop)
                })
        }
        if settings.flag("forwarder.simulate") {
            var configuration = ForwarderConfiguration(instrument: name)
            configuration.softwareVersion = VersionCommand.version
            let forwarder = Forwarder(
                streams: appliance.streams, configuration: configuration, metrics: appliance.metrics)
            threads.append(ServiceThread("forwarder") { try forwarder.run(until: $0) })
        }
    }

    /// Ends what was started and waits for it.
    func end() {
        for thread in threads { thread.end() }
        threads = []
    }
}
