import System

/// One HTTP request over a blocking socket; enough to ask our own console.
enum HTTPProbe {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let answerBytesMax = 1 << 20
    private static let timeoutSeconds = 5

    /// Status and body of `GET path`.
    static func get(_ endpoint: Endpoint, path: String) throws -> (status: Int, body: String) {
        let socket = try BlockingSocket(connectingTo: endpoint, timeoutSeconds: timeoutSeconds)
        try socket.send(Array("GET \(path) HTTP/1.1\r\nHost: \(endpoint)\r\nConnection: close\r\n\r\n".utf8))
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 14)
        while answer.count < answerBytesMax {
            let count = try chunk.withUnsafeMutableBytes { try socket.receiveSome($0) }
            if count == 0 { break }
            answer += chunk[..<count]
        }
        let text = String(decoding: answer, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n"), let status = text.split(separator: " ").dropFirst().first,
            let code = Int(status)
        else { throw Failure(description: "it does not speak HTTP") }
        return (code, String(text[end.upperBound...]))
    }
}
