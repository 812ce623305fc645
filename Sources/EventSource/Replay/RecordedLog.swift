import NexusFile

/// The values of one NXlog with their times.
struct RecordedLog {
    /// Values in the type in which the file holds them.
    enum Values {
        case int8([Int8])
        case uint8([UInt8])
        case int16([Int16])
        case uint16([UInt16])
        case int32([Int32])
        case uint32([UInt32])
        case int64([Int64])
        case uint64([UInt64])
        case float([Float])
        case double([Double])

        /// How many values there are.
        var count: Int {
            switch self {
            case .int8(let values): values.count
            case .uint8(let values): values.count
            case .int16(let values): values.count
            case .uint16(let values): values.count
            case .int32(let values): values.count
            case .uint32(let values): values.count
            case .int64(let values): values.count
            case .uint64(let values): values.count
            case .float(let values): values.count
            case .double(let values): values.count
            }
        }

        /// The type's name in a NeXus structure.
        var typeName: String {
            switch self {
            case .int8: "int8"
            case .uint8: "uint8"
            case .int16: "int16"
            case .uint16: "uint16"
            case .int32: "int32"
            case .uint32: "uint32"
            case .int64: "int64"
            case .uint64: "uint64"
            case .float: "float"
            case .double: "double"
            }
        }

        /// All values of a dataset, without conversion; nil for text and others.
        init?(_ dataset: NexusDataset) throws(NexusError) {
            let limit = RecordedLog.valueCountMaximum
            switch dataset.type {
            case .int8: self = .int8(try dataset.values(Int8.self, limit: limit))
            case .uint8: self = .uint8(try dataset.values(UInt8.self, limit: limit))
            case .int16: self = .int16(try dataset.values(Int16.self, limit: limit))
            case .uint16: self = .uint16(try dataset.values(UInt16.self, limit: limit))
            case .int32: self = .int32(try dataset.values(Int32.self, limit: limit))
            case .uint32: self = .uint32(try dataset.values(UInt32.self, limit: limit))
            case .int64: self = .int64(try dataset.values(Int64.self, limit: limit))
            case .uint64: self = .uint64(try dataset.values(UInt64.self, limit: limit))
            case .float: self = .float(try dataset.values(Float.self, limit: limit))
            case .double: self = .double(try dataset.values(Double.self, limit: limit))
            case .string, .other: return nil
            }
        }
    }

    /// The name under which the values are sent.
    let name: String
    /// The group's path in the file.
    let path: String
    /// The values' unit; empty when the file does not tell.
    let units: String
    /// When each value was read, in ns since the epoch; nil for one whose time is unknown.
    let times: [Int64?]
    /// The values, at least as many as `times`.
    let values: Values

    /// Most values of one log.
    static let valueCountMaximum = 1 << 24

    /// The log in a group with `time` and `value`; a text instead when it cannot be sent, which says why.
    static func read(
        _ group: NexusGroup, name: String, startNanoseconds: Int64
    ) -> Result<RecordedLog, Unusable> {
        do throws(NexusError) {
            let value = try group.dataset("value")
            let time = try group.dataset("time")
            if value.shape.count > 1 && value.shape.dropFirst().contains(where: { $0 != 1 }) {
                return .failure(Unusable("\(group.path) holds arrays of shape \(value.shape)"))
            }
            guard let values = try Values(value) else {
                return .failure(Unusable("\(group.path) holds text"))
            }
            let file = ""
            do throws(EventSourceError) {
                let reference = try EventBank.referenceTime(time, file) ?? startNanoseconds
                let unit = try EventBank.timeUnit(time, default: time.type.isInteger ? 1 : 1e9, file)
                let times = try RecordedLog.times(time, reference: reference, unit: unit)
                let units = value.units ?? ""
                return .success(
                    RecordedLog(
                        name: name, path: group.path, units: units,
                        times: Array(times.prefix(values.count)), values: values))
            } catch {
                return .failure(Unusable("\(group.path): \(error)"))
            }
        } catch {
            return .failure(Unusable("\(group.path): \(error.reason)"))
        }
    }

    private static func times(
        _ dataset: NexusDataset, reference: Int64, unit: Double
    ) throws(EventSourceError) -> [Int64?] {
        let isInteger = dataset.type.isInteger
        return try EventBank.attempt(dataset.path) { () throws(NexusError) in
            if isInteger {
                return try dataset.values(Int64.self, limit: valueCountMaximum).map { value in
                    let (product, overflow) = value.multipliedReportingOverflow(by: Int64(unit))
                    let (time, outside) = product.addingReportingOverflow(reference)
                    return overflow || outside ? nil : time
                }
            }
            return try dataset.values(Double.self, limit: valueCountMaximum).map { value in
                RecordedTime.nanoseconds(value, unitNanoseconds: unit).map { reference + $0 }
            }
        }
    }

    /// Why a log is left out.
    struct Unusable: Error {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }
}
