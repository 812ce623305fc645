import ClusterStreams
import Configuration
import Glibc
import Streams
import System

/// How commands reach a broker: shared flags, addresses and errors.
enum BrokerConnection {
    static let brokerFlag = Flag(
        "--broker", "-b", "--brokers", "--bootstrap-server", value: "HOST:PORT",
        help: "Kafka broker, or several with commas (default: SLUICE_BROKER, then 127.0.0.1:9092).")
    static let propertyFlag = Flag(
        "-X", value: "KEY=VALUE", kind: .pair, repeatable: true,
        help: "A librdkafka property, such as security.protocol=SSL.")
    static let flags = [brokerFlag, propertyFlag]

    /// The broker when no flag names one.
    static var defaultAddress: String { getenv("SLUICE_BROKER").map { String(cString: $0) } ?? "127.0.0.1:9092" }

    /// The broker's address: the flag, SLUICE_BROKER, or the local default.
    static func address(_ invocation: Invocation) -> String {
        let given = invocation.command.flag(brokerFlag.key) == nil ? nil : invocation[brokerFlag.key]
        return given ?? defaultAddress
    }

    /// Connects to the broker that the flags name, or to `override`.
    ///
    /// - Parameter isProbed: whether a broker that does not listen is told of now, rather than by the first question.
    static func connect(
        _ invocation: Invocation, override: String? = nil, isProbed: Bool = true
    ) throws -> any Streams {
        let address = override ?? address(invocation)
        if isProbed { try probe(address) }
        let properties = Dictionary(invocation.pairs("-X").map { ($0.name, $0.value) }) { $1 }
        return try translated {
            try ClusterStreams(
                bootstrapServers: address, properties: properties, clientID: "sluice")
        }
    }

    /// How long a broker may take to accept a connection, in seconds.
    private static let probeSeconds = 5

    /// Tells at once when nobody listens at any of the addresses; librdkafka would go on trying until its patience ends.
    private static func probe(_ addresses: String) throws {
        var failure: SystemError?
        for address in addresses.split(separator: ",") {
            // librdkafka takes a protocol in front, and knows the port when there is none.
            let plain = address.split(separator: "/").last.map(String.init) ?? ""
            guard let endpoint = Endpoint(plain.contains(":") ? plain : plain + ":9092") else { return }
            do throws(SystemError) {
                _ = try BlockingSocket(connectingTo: endpoint, timeoutSeconds: probeSeconds)
                return
            } catch {
                failure = error
            }
        }
        guard let failure else { throw CommandError.usage("--broker is empty") }
        let reason = failure.operation == "resolve" ? "there is no host of that name" : failure.reason
        throw CommandError(
            "no broker answers at \(addresses): \(reason); --broker or SLUICE_BROKER says where it is",
            code: ExitCode.cannotConnect)
    }

    /// Splits `host:port/topic` into broker and topic; a plain topic has no broker, and a plain `host:port` no topic.
    static func splitTopic(_ text: String) -> (broker: String?, topic: String) {
        guard let slash = text.firstIndex(of: "/") else { return text.contains(":") ? (text, "") : (nil, text) }
        return (String(text[..<slash]), String(text[text.index(after: slash)...]))
    }

    /// Connects to where `operand` (`topic` or `host:port/topic`) points; returns the streams and the topic's name.
    static func connect(_ invocation: Invocation, topic operand: String) throws -> (any Streams, String) {
        let (broker, topic) = splitTopic(operand)
        return (try connect(invocation, override: broker), topic)
    }

    /// Fails, with the name that may have been meant, when the topic does not exist.
    static func checkTopic(_ name: String, _ streams: any Streams) throws {
        try translated {
            guard try streams.topic(name) == nil else { return }
            let names = try streams.topics().filter { !$0.isInternal }.map(\.name)
            let hint = Suggestion.nearest(to: name, among: names).map { "; did you mean \($0)?" } ?? ""
            throw StreamError(.unknownTopic, "topic \(name) does not exist\(hint)")
        }
    }

    /// Runs `body` and gives errors of streams their exit codes.
    static func translated<R>(_ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch let error as StreamError {
            throw CommandError(error.message, code: exitCode(error.code))
        }
    }

    private static func exitCode(_ code: StreamError.Code) -> Int32 {
        switch code {
        case .unreachable: ExitCode.cannotConnect
        case .unknownTopic, .unknownGroup, .offsetOutOfRange: ExitCode.notFound
        case .timedOut: ExitCode.timedOut
        case .invalidArgument: ExitCode.usage
        default: ExitCode.failed
        }
    }
}
