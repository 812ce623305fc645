import Broker
import KafkaWire
import System
import TestSupport
import Testing

/// What clients of several listeners are told to dial.
@Suite struct ListenerTests {
    /// What Metadata, FindCoordinator and DescribeCluster say to a client that dials `endpoint`; they must agree.
    private func told(_ endpoint: Endpoint) throws -> String {
        let client = try TestClient(endpoint)
        let metadata = try client.call(MetadataRequest(topics: []), version: 12, MetadataResponse.self)
        #expect(metadata.controllerID == 1 && metadata.brokers.map(\.nodeID) == [1])
        let broker = metadata.brokers[0]
        let cluster = try client.call(DescribeClusterRequest(), version: 0, DescribeClusterResponse.self)
        #expect(cluster.clusterID == metadata.clusterID && cluster.controllerID == 1)
        #expect(cluster.brokers.map(\.host) == [broker.host] && cluster.brokers.map(\.port) == [broker.port])
        for type in [0, 1] as [Int8] {
            let found = try client.call(
                FindCoordinatorRequest(keyType: type, keys: ["a"]), version: 4, FindCoordinatorResponse.self)
            let coordinator = found.coordinators[0]
            #expect(coordinator.nodeID == 1 && coordinator.host == broker.host && coordinator.port == broker.port)
        }
        return "\(Endpoint(host: broker.host, port: UInt16(broker.port)))"
    }

    @Test func behaviour14EachListenerHasItsOwnAddress() throws {
        let directory = TemporaryDirectory()
        let options: (inout BrokerOptions) -> Void = {
            $0.listen = ["127.0.0.1", "127.0.0.1", "::1", "0.0.0.0", "127.0.0.1"].map { Endpoint(host: $0, port: 0) }
            $0.advertise = [
                nil, Endpoint(host: "beamline.example", port: 9092), nil, nil, Endpoint(host: "host", port: 0),
            ]
        }
        try withBroker(directory, options) { broker in
            try broker.start()
            let ports = broker.addresses.map(\.port)
            #expect(Set(ports).count == 5)
            #expect(try told(broker.addresses[0]) == "127.0.0.1:\(ports[0])")
            #expect(try told(broker.addresses[1]) == "beamline.example:9092")
            #expect(try told(broker.addresses[2]) == "[::1]:\(ports[2])")
            // A listener on every address tells each client the one that it used.
            for host in ["127.0.0.1", "127.0.0.2", "127.8.9.1"] {
                #expect(try told(Endpoint(host: host, port: ports[3])) == "\(host):\(ports[3])")
            }
            #expect(try told(broker.addresses[4]) == "host:\(ports[4])")
        }
    }

    @Test func anAddressOfBothFamiliesTellsEachClientItsOwn() throws {
        let directory = TemporaryDirectory()
        try withBroker(directory, { $0.listen = [Endpoint(host: "::", port: 0)] }) { broker in
            try broker.start()
            let port = broker.addresses[0].port
            #expect(try told(Endpoint(host: "::1", port: port)) == "[::1]:\(port)")
            #expect(try told(Endpoint(host: "127.0.0.1", port: port)) == "127.0.0.1:\(port)")
        }
    }
}
