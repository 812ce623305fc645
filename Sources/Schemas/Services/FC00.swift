/// Which process variables a forwarder is to forward (`fc00_forwarder_config.fbs`).
public typealias FC00 = ForwarderConfiguration<FC00Format>

/// `FC00` knows all changes, and streams that repeat their values.
public enum FC00Format: ForwarderConfigurationFormat {
    public static let identifier = "fc00"
    public static let changes = ForwarderChange.allCases
    public static let hasPeriod = true

    public static let definition = SchemaDefinition(
        identifier, "which process variables to forward", file: "fc00_forwarder_config.fbs",
        topics: ["_forwarderConfig", "_forwarderStorage"], root: FC00.root("fc00_ConfigUpdate"),
        example: #"""
            {"config_change": "ADD", "streams": [{"channel": "IN:DEMO:TEMP", "schema": "f144",
             "topic": "DEMO_sampleEnv", "protocol": "CA", "periodic": 5}]}
            """#)
}
