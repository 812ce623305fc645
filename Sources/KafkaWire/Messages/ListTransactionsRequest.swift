/// ListTransactions (API 66): the transactional ids that are known.
public struct ListTransactionsRequest: WireMessage, Sendable {
    public static var api: APIKey { .listTransactions }

    /// Only these states; empty for all.
    public var stateFilters: [String] = []
    /// Only these producers; empty for all.
    public var producerIDFilters: [Int64] = []
    /// Only transactions that have run longer, ms; negative for all (v1+).
    public var durationFilterMilliseconds: Int64 = -1
    /// A regular expression that transactional ids must match; nil or empty for all (v2+).
    public var transactionalIDPattern: String? = nil

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(
        stateFilters: [String] = [], producerIDFilters: [Int64] = [], durationFilterMilliseconds: Int64 = -1,
        transactionalIDPattern: String? = nil
    ) {
        self.stateFilters = stateFilters
        self.producerIDFilters = producerIDFilters
        self.durationFilterMilliseconds = durationFilterMilliseconds
        self.transactionalIDPattern = transactionalIDPattern
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.strings(&stateFilters)
        try coder.int64s(&producerIDFilters)
        if coder.version >= 1 { try coder.int64(&durationFilterMilliseconds) }
        if coder.version >= 2 { try coder.nullableString(&transactionalIDPattern) }
        try coder.tags()
    }
}
