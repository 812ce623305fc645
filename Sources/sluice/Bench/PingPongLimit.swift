import System

/// The least that a request and its answer take: 64 bytes there and back over the loopback interface.
enum PingPongLimit {
    private static let messageBytes = 64

    /// The round trips' durations.
    static func latencies(count: Int) throws -> Latencies {
        let (client, server) = try BlockingSocket.pair()
        let thread = Thread("pong") {
            let message = Buffer(messageBytes)
            do {
                while true {
                    try server.receive(message.bytes)
                    try server.send(message.readOnly)
                }
            } catch {
                // The client has hung up: the end of the measurement.
            }
        }
        defer {
            client.finishSending()
            thread.join()
        }
        let message = Buffer(messageBytes)
        return try Latencies(count: count) {
            try client.send(message.readOnly)
            try client.receive(message.bytes)
        }
    }
}
