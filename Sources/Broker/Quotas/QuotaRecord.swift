import Bytes

/// What `__cluster_metadata` holds of the quotas of one entity. The layout is explained at `MetadataRecord`.
struct QuotaRecord: Equatable, Sendable {
    private static let absent: Int8 = 0
    private static let isDefault: Int8 = 1
    private static let named: Int8 = 2

    var entity: QuotaEntity
    /// None removes the record.
    var values: [QuotaKey: Double]

    init(entity: QuotaEntity, values: [QuotaKey: Double]) {
        self.entity = entity
        self.values = values
    }

    func encodeKey(into writer: inout ByteWriter) {
        for part in QuotaEntity.Part.allCases {
            switch entity[part] {
            case nil: writer.int8(Self.absent)
            case .default?: writer.int8(Self.isDefault)
            case .named(let name)?:
                writer.int8(Self.named)
                writer.shortString(name)
            }
        }
    }

    func encodeValue(into writer: inout ByteWriter) {
        writer.int32(Int32(values.count))
        for (key, value) in values.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            writer.shortString(key.rawValue)
            writer.float64(value)
        }
    }

    /// Reads the key, and the value behind its version unless the record was removed.
    init(key: inout ByteReader, value: inout ByteReader?) throws(DecodeError) {
        entity = QuotaEntity()
        values = [:]
        for part in QuotaEntity.Part.allCases {
            switch try key.int8() {
            case Self.absent: break
            case Self.isDefault: entity[part] = .default
            case Self.named: entity[part] = .named(try key.shortString())
            default: throw DecodeError("name of a quota record", at: key.position)
            }
        }
        guard let count = try value?.int32() else { return }
        guard count >= 0, Int(count) <= QuotaKey.allCases.count else {
            throw DecodeError("quota count \(count)", at: 0)
        }
        for _ in 0..<count {
            guard let name = try value?.shortString(), let number = try value?.float64(),
                let key = QuotaKey(rawValue: name)
            else { throw DecodeError("name of a quota", at: value?.position ?? 0) }
            values[key] = number
        }
    }
}
