import Glibc
import System
import Testing

@Suite struct EndpointTests {
    @Test(arguments: ["127.0.0.1:9092", "[::1]:80", "localhost:0"])
    func readsWhatItWrites(text: String) { #expect(Endpoint(text)?.description == text) }

    @Test(arguments: ["", "9092", ":9092", "host", "host:", "host:65536", "host:x", "::1:80", "host:-1"])
    func refuses(text: String) { #expect(Endpoint(text) == nil) }

    @Test func aBusyPortIsAnErrorThatNamesIt() throws {
        let held = try ListeningSocket(Endpoint(host: "127.0.0.1", port: 0))
        let endpoint = held.endpoint
        #expect(endpoint.port != 0)
        #expect(throws: SystemError("bind", endpoint.description, code: EADDRINUSE)) {
            _ = try ListeningSocket(endpoint)
        }
        _ = held.release()
    }
}
