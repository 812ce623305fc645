/// Which records of a topic somebody asks for, as they write it: where to begin and where to end.
///
/// | written | means |
/// |---|---|
/// | `beginning` `start` `earliest` | the first record kept |
/// | `end` `latest` | only what comes from now on |
/// | `N` `-N` `+N` | offset N; the last N of each partition; N behind the first |
/// | `A:B` `A:` `:B` | offsets A up to and without B; `A:+N` N records from A |
/// | `@T` `@T1:T2` | records of time T on; of T1 up to and without T2 (see `Moment`) |
/// | `s@T` `e@T` | kcat's words for the two halves of `@T1:T2` |
/// | `run:N` `run:last` | the time of a run, by the instrument's `_runInfo` topic |
public struct RangeExpression: Equatable, Sendable {
    /// Where the records begin.
    public enum Start: Equatable, Sendable {
        /// At the first record kept.
        case beginning
        /// Behind the last record.
        case end
        /// At an offset.
        case offset(Int64)
        /// So many records before the end.
        case beforeEnd(Int64)
        /// So many records behind the beginning.
        case afterBeginning(Int64)
        /// At the first record of a time (ms since the epoch) or later.
        case time(Int64)
    }

    /// Where they end.
    public enum End: Equatable, Sendable {
        /// Where whoever asks decides: at what there is now, or never.
        case open
        /// At what there is now.
        case now
        /// Before an offset.
        case offset(Int64)
        /// After so many records of each partition.
        case count(Int64)
        /// Before the first record of a time (ms since the epoch) or later.
        case time(Int64)
    }

    /// Which run: by its number, or the last one that began.
    public enum Run: Equatable, Sendable {
        /// The newest run with this number.
        case number(Int64)
        /// The run that began last.
        case last
    }

    /// Where the records begin.
    public var start: Start
    /// Where they end.
    public var end: End
    /// The run whose times replace `start` and `end`.
    public var run: Run?

    /// A range.
    public init(_ start: Start, _ end: End = .open, run: Run? = nil) {
        self.start = start
        self.end = end
        self.run = run
    }

    /// Parses what somebody wrote, in one or two parts (`s@T` and `e@T`).
    ///
    /// - Throws: `RangeSyntaxError`, which names the part.
    public init(_ texts: [String], nowMilliseconds now: Int64) throws(RangeSyntaxError) {
        self.init(.beginning)
        for text in texts {
            if text.hasPrefix("s@") {
                start = .time(try Self.time(text.dropFirst(2), now))
            } else if text.hasPrefix("e@") {
                end = .time(try Self.time(text.dropFirst(2), now))
            } else {
                let parsed = try Self.parse(text, now)
                (start, run) = (parsed.start, parsed.run)
                if parsed.end != .open { end = parsed.end }
            }
        }
    }

    private static func parse(_ text: String, _ now: Int64) throws(RangeSyntaxError) -> RangeExpression {
        if text.hasPrefix("run:") { return try RangeExpression(.beginning, run: run(text)) }
        if text.hasPrefix("@") { return try times(text, now) }
        guard let colon = text.firstIndex(of: ":") else {
            guard let start = start(text[...]) else { throw RangeSyntaxError(text) }
            return RangeExpression(start)
        }
        let (left, right) = (text[..<colon], text[text.index(after: colon)...])
        guard let start = left.isEmpty ? .beginning : start(left), let end = end(right) else {
            throw RangeSyntaxError(text)
        }
        if case .offset(let first) = start, case .offset(let last) = end, last < first {
            throw RangeSyntaxError(text, "ends before it begins")
        }
        return RangeExpression(start, end)
    }

    private static func start(_ text: Substring) -> Start? {
        switch text {
        case "beginning", "start", "earliest", "oldest": return .beginning
        case "end", "latest", "newest": return .end
        default: break
        }
        guard let number = Int64(text) else { return nil }
        if text.hasPrefix("-") { return .beforeEnd(-number) }
        return text.hasPrefix("+") ? .afterBeginning(number) : .offset(number)
    }

    private static func end(_ text: Substring) -> End? {
        switch text {
        case "": return .open
        case "end", "latest", "newest", "now": return .now
        default: break
        }
        guard let number = Int64(text), number >= 0 else { return nil }
        return text.hasPrefix("+") ? .count(number) : .offset(number)
    }

    private static func run(_ text: String) throws(RangeSyntaxError) -> Run {
        let name = text.dropFirst(4)
        if name == "last" || name == "current" { return .last }
        guard let number = Int64(name), number > 0 else { throw RangeSyntaxError(text) }
        return .number(number)
    }

    /// A date holds colons too: the one that parts two times is the first that leaves a time on both sides.
    private static func times(_ text: String, _ now: Int64) throws(RangeSyntaxError) -> RangeExpression {
        let body = text.dropFirst()
        if let time = Moment.milliseconds(String(body), nowMilliseconds: now) { return RangeExpression(.time(time)) }
        for colon in body.indices where body[colon] == ":" {
            let left = String(body[..<colon])
            let right = body[body.index(after: colon)...]
            let last = String(right.hasPrefix("@") ? right.dropFirst() : right)
            guard let first = Moment.milliseconds(left, nowMilliseconds: now) else { continue }
            if last == "end" { return RangeExpression(.time(first), .now) }
            guard let second = last.isEmpty ? first : Moment.milliseconds(last, nowMilliseconds: now) else { continue }
            guard second >= first else { throw RangeSyntaxError(text, "ends before it begins") }
            return RangeExpression(.time(first), last.isEmpty ? .open : .time(second))
        }
        throw RangeSyntaxError(
            text, "is not a time such as @2026-11-20T12:00, @-5m, @1700000000000 or two with a colon")
    }

    private static func time(_ text: Substring, _ now: Int64) throws(RangeSyntaxError) -> Int64 {
        guard let time = Moment.milliseconds(String(text), nowMilliseconds: now) else {
            throw RangeSyntaxError(String(text), "is not a time such as 2026-11-20T12:00, -5m or 1700000000000")
        }
        return time
    }
}

/// Why a text is not a range.
public struct RangeSyntaxError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The part of the text that is wrong, and why.
    public let description: String

    init(
        _ text: String,
        _ reason: String = "is not beginning, end, an offset, -N, +N, FROM:TO, @TIME, @FROM:TO or run:NUMBER"
    ) {
        description = "\"\(text)\" \(reason)"
    }
}
