/// Which process variables a forwarder is to forward, the older form (`rf5k_forwarder_config.fbs`).
public typealias RF5K = ForwarderConfiguration<RF5KFormat>

/// `RF5K` cannot replace all streams at once, and none repeats its values.
public enum RF5KFormat: ForwarderConfigurationFormat {
    public static let identifier = "rf5k"
    public static let changes: [ForwarderChange] = [.add, .remove, .removeAll]
    public static let hasPeriod = false

    public static let definition = SchemaDefinition(
        identifier, "which process variables to forward", file: "rf5k_forwarder_config.fbs", status: .deprecated,
        topics: ["_forwarderConfig", "_forwarderStorage"], root: RF5K.root("ConfigUpdate"),
        example: #"""
            {"config_change": "ADD", "streams": [{"channel": "IN:DEMO:TEMP", "schema": "f144",
             "topic": "DEMO_sampleEnv", "protocol": "CA"}]}
            """#)
}
