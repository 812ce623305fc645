import KafkaWire
import Observability
import System
import TestSupport
import Testing

@testable import Broker

@Suite struct QuotasTests {
    @Test func aBucketLetsTheSavedRateThroughAndThenTheRate() {
        var now: UInt64 = 1_000_000_000
        var bucket = TokenBucket(perSecond: 1000, now: now)
        #expect(bucket.take(10_000, now: now) == 0)
        #expect(!bucket.isFull(now: now))
        #expect(bucket.take(500, now: now) == 0.5)
        now += 500_000_000
        #expect(bucket.take(0, now: now) == 0)
        #expect(bucket.take(2000, now: now) == 2)
        // What is owed stays owed when the rate changes.
        bucket.setRate(500, now: now)
        #expect(bucket.take(0, now: now) == 4)
        now += 100_000_000_000
        #expect(bucket.isFull(now: now))
        #expect(bucket.take(5001, now: now) == 0.002)
        // Time never goes back.
        #expect(bucket.take(0, now: now - 50_000_000_000) == 0.002)
        #expect(bucket.takeIfThere(1, now: now) == false)
        now += 1_000_000_000
        #expect(bucket.takeIfThere(1, now: now) == true)
    }

    private func withQuotas<R>(_ body: (BrokerCore, ManualClock) throws -> R) throws -> R {
        let directory = TemporaryDirectory()
        let clock = ManualClock()
        let core = try BrokerCore(.testing(directory), metrics: Metrics(), clock: clock)
        defer { core.close() }
        return try body(core, clock)
    }

    @Test func theMostSpecialQuotaCounts() throws {
        try withQuotas { core, _ in
            let (u, c) = (QuotaEntity.Name.named("u"), QuotaEntity.Name.named("c"))
            // From the least to the most special, as Kafka orders them; each new one wins.
            let order: [(QuotaEntity, QuotaEntity)] = [
                (QuotaEntity(clientID: .default), QuotaEntity(clientID: c)),
                (QuotaEntity(clientID: c), QuotaEntity(clientID: c)),
                (QuotaEntity(user: .default), QuotaEntity(user: u)),
                (QuotaEntity(user: .default, clientID: .default), QuotaEntity(user: u, clientID: c)),
                (QuotaEntity(user: .default, clientID: c), QuotaEntity(user: u, clientID: c)),
                (QuotaEntity(user: u), QuotaEntity(user: u)),
                (QuotaEntity(user: u, clientID: .default), QuotaEntity(user: u, clientID: c)),
                (QuotaEntity(user: u, clientID: c), QuotaEntity(user: u, clientID: c)),
            ]
            #expect(core.quotas.limit(.producerByteRate, user: "u", clientID: "c") == nil)
            for (index, (entity, sharedBy)) in order.enumerated() {
                let value = Double(index + 1)
                try core.quotas.alter(entity, [.producerByteRate: value], validateOnly: false)
                let limit = core.quotas.limit(.producerByteRate, user: "u", clientID: "c")
                #expect(limit == ClientQuotas.Limit(sharedBy: sharedBy, perSecond: value))
            }
            #expect(core.quotas.limit(.consumerByteRate, user: "u", clientID: "c") == nil)
            #expect(core.quotas.limit(.producerByteRate, user: "other", clientID: "other")?.perSecond == 4)
            for (entity, _) in order {
                try core.quotas.alter(entity, [.producerByteRate: Double?.none], validateOnly: false)
            }
            #expect(core.quotas.isEmpty)
        }
    }

    @Test func clientsOfOneQuotaAreMeasuredEachForItself() throws {
        try withQuotas { core, clock in
            try core.quotas.alter(
                QuotaEntity(clientID: .default), [.producerByteRate: 1000], validateOnly: false)
            func send(_ bytes: Int, _ clientID: String) -> Int32 {
                core.throttle.count(bytes, .producerByteRate, user: "u", clientID: clientID)
            }
            #expect(send(11_000, "a") == 1000)
            #expect(send(10_000, "b") == 0)
            clock.advance(milliseconds: 1500)
            #expect(send(0, "a") == 0)
            #expect(send(Int.max, "a") == Throttle.millisecondsMax)
            #expect(core.throttle.count(Int.max, .consumerByteRate, user: "u", clientID: "a") == 0)
        }
    }

    @Test func theTableOfClientsIsBounded() throws {
        try withQuotas { core, clock in
            try core.quotas.alter(
                QuotaEntity(clientID: .default), [.producerByteRate: 1], validateOnly: false)
            func send(_ clientID: Int) -> Int32 {
                core.throttle.count(10, .producerByteRate, user: "u", clientID: "\(clientID)")
            }
            for client in 0..<Throttle.bucketsMax { #expect(send(client) == 0) }
            // Everybody beyond shares one measure, which is empty after the first.
            #expect(send(Throttle.bucketsMax) == 0)
            #expect(send(Throttle.bucketsMax + 1) == 10_000)
            // Clients that have used nothing for a while make room.
            clock.advance(milliseconds: 20_000)
            #expect(send(Throttle.bucketsMax + 2) == 0)
            #expect(send(Throttle.bucketsMax + 3) == 0)
        }
    }

    @Test func connectionsOfAnAddressAreCounted() throws {
        try withQuotas { core, clock in
            try core.quotas.alter(
                QuotaEntity(ip: .default), [.connectionCreationRate: 1], validateOnly: false)
            for _ in 0..<10 { #expect(core.throttle.admits(ip: "10.0.0.1")) }
            for _ in 0..<5 { #expect(!core.throttle.admits(ip: "10.0.0.1")) }
            #expect(core.throttle.admits(ip: "10.0.0.2"))
            // Who was refused owes nothing.
            clock.advance(milliseconds: 1000)
            #expect(core.throttle.admits(ip: "10.0.0.1"))
        }
    }

    @Test func filtersFindWhatTheyName() throws {
        let entities = [
            QuotaEntity(user: .named("u")), QuotaEntity(user: .default), QuotaEntity(clientID: .named("c")),
            QuotaEntity(user: .named("u"), clientID: .default), QuotaEntity(ip: .named("10.0.0.1")),
        ]
        func found(_ components: [(String, Int8, String?)], strict: Bool = false) throws -> [Int] {
            let filter = try QuotaFilter(components.map { ($0.0, $0.1, $0.2) }, isStrict: strict)
            return entities.indices.filter { filter.matches(entities[$0]) }
        }
        #expect(try found([]) == [0, 1, 2, 3, 4])
        #expect(try found([], strict: true) == [])
        #expect(try found([("user", 0, "u")]) == [0, 3])
        #expect(try found([("user", 0, "u")], strict: true) == [0])
        #expect(try found([("user", 1, nil)]) == [1])
        #expect(try found([("user", 2, nil)]) == [0, 1, 3])
        #expect(try found([("user", 2, nil), ("client-id", 1, nil)]) == [3])
        #expect(try found([("ip", 2, nil)]) == [4])
        let bad: [[(String, Int8, String?)]] = [
            [("user", 0, nil)], [("user", 1, "x")], [("user", 3, nil)], [("", 2, nil)], [("rack", 2, nil)],
            [("user", 2, nil), ("user", 2, nil)], [("user", 2, nil), ("ip", 2, nil)],
        ]
        for components in bad {
            #expect(throws: BrokerError.self, "\(components)") { try found(components) }
        }
    }
}
