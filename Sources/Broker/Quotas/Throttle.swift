import Synchronization
import System

/// Holds back clients that use more than their quota (KIP-13, KIP-219): a request is done and answered at once, and the
/// answer says for how long the connection is not read.
///
/// Other than Kafka, which sends an empty response to a fetch beyond the quota, records are sent and paid for
/// afterwards: a batch that is larger than the whole quota gets through.
///
/// Thread-safe; time is monotonic.
final class Throttle: Sendable {
    /// Clients that are measured one by one. Beyond that, clients that use nothing are forgotten, and others share one
    /// measure for each quota.
    static let bucketsMax = 10_000
    /// The longest time for which a connection is held back, ms.
    static let millisecondsMax: Int32 = 300_000

    private struct Key: Hashable {
        let quota: QuotaKey
        /// nil for all that are beyond `bucketsMax`.
        let entity: QuotaEntity?
    }

    private let quotas: ClientQuotas
    private let clock: any Clock
    private let state = Mutex(State())

    private struct State {
        var buckets: [Key: TokenBucket] = [:]
        /// When buckets that say nothing may be looked for again, ns: not with every request.
        var sweepDue: UInt64 = 0

        /// Makes room for one more bucket if there is some to be made.
        mutating func hasRoom(now: UInt64) -> Bool {
            if buckets.count >= Throttle.bucketsMax, now >= sweepDue {
                buckets = buckets.filter { !$0.value.isFull(now: now) }
                sweepDue = now + 1_000_000_000
            }
            return buckets.count < Throttle.bucketsMax
        }
    }

    init(_ quotas: ClientQuotas, clock: any Clock) {
        self.quotas = quotas
        self.clock = clock
    }

    /// Counts bytes of a user's client; returns for how long to hold it back, ms.
    func count(_ byteCount: Int, _ quota: QuotaKey, user: String, clientID: String) -> Int32 {
        guard let limit = quotas.limit(quota, user: user, clientID: clientID) else { return 0 }
        return take(Double(byteCount), quota, limit)
    }

    /// Counts a connection from an address; returns whether it may stay.
    func admits(ip: String) -> Bool {
        guard let limit = quotas.connectionLimit(ip: ip) else { return true }
        return withBucket(.connectionCreationRate, limit) { $0.takeIfThere(1, now: $1) }
    }

    private func take(_ amount: Double, _ quota: QuotaKey, _ limit: ClientQuotas.Limit) -> Int32 {
        let seconds = withBucket(quota, limit) { $0.take(amount, now: $1) }
        return Int32(min(Double(Self.millisecondsMax), (seconds * 1000).rounded(.up)))
    }

    private func withBucket<R: Sendable>(
        _ quota: QuotaKey, _ limit: ClientQuotas.Limit, _ body: (inout TokenBucket, UInt64) -> R
    ) -> R {
        let now = clock.monotonicNanoseconds
        return state.withLock { state in
            var key = Key(quota: quota, entity: limit.sharedBy)
            if state.buckets[key] == nil, !state.hasRoom(now: now) { key = Key(quota: quota, entity: nil) }
            var bucket = state.buckets[key] ?? TokenBucket(perSecond: limit.perSecond, now: now)
            if bucket.perSecond != limit.perSecond { bucket.setRate(limit.perSecond, now: now) }
            let result = body(&bucket, now)
            state.buckets[key] = bucket
            return result
        }
    }
}
