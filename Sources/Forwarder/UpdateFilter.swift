import Schemas

/// What has been forwarded of one process variable, and what may follow.
struct UpdateFilter {
    /// Why an update is not forwarded.
    enum Rejection: String, CaseIterable {
        /// An update of a later time was forwarded before.
        case disordered
        /// It is older than a year: a record that was never processed carries the year 1990 or 1970.
        case old
        /// Its clock is ahead of ours.
        case future
    }

    /// What is to be done with a value.
    enum Verdict: Equatable {
        case reject(Rejection)
        /// Send it, and its alarm state too when that has changed.
        case forward(alarmChanged: Bool)
    }

    /// The oldest update that is forwarded: 365.25 days.
    static let ageNanosecondsMax: Int64 = 31_557_600_000_000_000
    /// How far an update may lie in the future: 10 minutes.
    static let aheadNanosecondsMax: Int64 = 600_000_000_000

    /// The state of the connection as last told.
    private(set) var connection = EP01.ConnectionInfo.neverConnected
    private var lastNanoseconds = Int64.min
    private var alarm: PVAlarm?

    /// Judges a value; one that is forwarded becomes the last.
    mutating func value(_ timestampNanoseconds: Int64, _ alarm: PVAlarm, nowNanoseconds: Int64) -> Verdict {
        if timestampNanoseconds < nowNanoseconds &- Self.ageNanosecondsMax { return .reject(.old) }
        if timestampNanoseconds > nowNanoseconds &+ Self.aheadNanosecondsMax { return .reject(.future) }
        if timestampNanoseconds < lastNanoseconds { return .reject(.disordered) }
        lastNanoseconds = timestampNanoseconds
        guard alarm != self.alarm else { return .forward(alarmChanged: false) }
        self.alarm = alarm
        return .forward(alarmChanged: true)
    }

    /// Notes the connection; whether it has changed.
    mutating func connection(_ state: EP01.ConnectionInfo) -> Bool {
        guard state != connection else { return false }
        connection = state
        return true
    }
}
