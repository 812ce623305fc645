import Glibc
import Synchronization
import System

/// How important a log line is.
public enum LogLevel: Int, Sendable, Comparable, CaseIterable {
    case debug, info, warning, error

    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }

    /// The word in the configuration and on the line.
    public var name: String {
        switch self {
        case .debug: "debug"
        case .info: "info"
        case .warning: "warning"
        case .error: "error"
        }
    }

    /// The level of this name, in any case; nil for another word.
    public init?(name: String) {
        guard let level = LogLevel.allCases.first(where: { $0.name == name.lowercased() }) else { return nil }
        self = level
    }
}

/// One-line messages on standard error: `2026-11-20T23:40:12.345Z INFO broker: opened LARMOR_events-0`.
///
/// Each value writes for one component. Control characters in messages are escaped, so that a peer cannot forge lines.
public struct Log: Sendable {
    private static let threshold = Atomic<Int>(LogLevel.info.rawValue)
    private static let recent = Mutex<[String: (last: UInt64, hidden: Int)]>([:])

    /// The component that speaks, such as `broker`.
    public let component: String

    /// A log for one component.
    public init(_ component: String) { self.component = component }

    /// Lines below this level are not written; the same for the whole process.
    public static var level: LogLevel {
        get { LogLevel(rawValue: threshold.load(ordering: .relaxed)) ?? .info }
        set { threshold.store(newValue.rawValue, ordering: .relaxed) }
    }

    /// Detail for somebody who looks for a fault.
    public func debug(_ message: @autoclosure () -> String) { write(.debug, message) }
    /// What happened in the normal course.
    public func info(_ message: @autoclosure () -> String) { write(.info, message) }
    /// Something that somebody should look at.
    public func warning(_ message: @autoclosure () -> String) { write(.warning, message) }
    /// Something that failed.
    public func error(_ message: @autoclosure () -> String) { write(.error, message) }

    /// A warning of which at most one a minute is written for each `cause`; the next line says how many were held back.
    public func warningOncePerMinute(cause: String, _ message: @autoclosure () -> String) {
        let now = SystemClock().monotonicNanoseconds
        let hidden: Int? = Self.recent.withLock { recent in
            if recent.count > 1000 { recent.removeAll() }
            let key = component + "/" + cause
            if let old = recent[key], now - old.last < 60_000_000_000 {
                recent[key] = (old.last, old.hidden + 1)
                return nil
            }
            defer { recent[key] = (now, 0) }
            return recent[key]?.hidden ?? 0
        }
        guard let hidden else { return }
        write(.warning) { hidden == 0 ? message() : "\(message()) (and \(hidden) more in the last minute)" }
    }

    private func write(_ level: LogLevel, _ message: () -> String) {
        guard level >= Self.level else { return }
        let time = Self.timestamp(SystemClock().wallNanoseconds)
        let line = "\(time) \(level.name.uppercased()) \(component): \(Self.printable(message()))\n"
        var text = line
        text.withUTF8 { bytes in
            _ = retryingInterrupts { Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
        }
    }

    /// ISO 8601 in UTC with milliseconds.
    public static func timestamp(_ wallNanoseconds: Int64) -> String {
        var seconds = time_t(wallNanoseconds / 1_000_000_000)
        var fields = tm()
        gmtime_r(&seconds, &fields)
        func pad(_ value: Int32, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
        }
        let milliseconds = Int32(wallNanoseconds / 1_000_000 % 1000)
        let date = "\(fields.tm_year + 1900)-\(pad(fields.tm_mon + 1, 2))-\(pad(fields.tm_mday, 2))"
        let clock = "\(pad(fields.tm_hour, 2)):\(pad(fields.tm_min, 2)):\(pad(fields.tm_sec, 2))"
        return "\(date)T\(clock).\(pad(milliseconds, 3))Z"
    }

    private static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) else { return text }
        return text.unicodeScalars.map { scalar in
            scalar.value < 32 || scalar.value == 127 ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }.joined()
    }
}
