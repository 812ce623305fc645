/// An object whose members are taken out one by one, so that what is left over is an error.
struct JSONObject {
    private var members: [String: JSONNode] = [:]
    /// What was there, taken or not.
    private let all: [String: JSONNode]
    private let place: String

    /// The members of `node`, which stands at `path`; a name that comes twice is an error.
    init(_ node: JSONNode, path: String) throws(MessageJSONError) {
        guard let list = node.members else {
            throw MessageJSONError(path, "expected an object, got \(node.shown)")
        }
        for member in list {
            guard members.updateValue(member.value, forKey: member.name) == nil else {
                throw MessageJSONError(path.isEmpty ? member.name : "\(path).\(member.name)", "comes twice")
            }
        }
        all = members
        place = path
    }

    /// The path of a member.
    func path(_ name: String) -> String { place.isEmpty ? name : "\(place).\(name)" }

    /// An error about a member.
    func failure(_ name: String, _ reason: String) -> MessageJSONError { MessageJSONError(path(name), reason) }

    /// Takes a member out; nil if it is absent or `null`.
    mutating func take(_ name: String) -> JSONNode? {
        guard let node = members.removeValue(forKey: name), node != .null else { return nil }
        return node
    }

    /// Takes `schema` out, which must be the expected one if it is there.
    mutating func checkSchema(_ identifier: String) throws(MessageJSONError) {
        guard let node = take("schema"), node != .text(identifier) else { return }
        throw failure("schema", "expected \"\(identifier)\", got \(node.shown)")
    }

    /// Fails if a member was not taken.
    func checkEmpty(_ definition: TableDefinition) throws(MessageJSONError) {
        try checkEmpty(definition.fields.map(\.name))
    }

    /// Fails if a member was not taken; `names` are those that there could be.
    func checkEmpty(_ names: [String]) throws(MessageJSONError) {
        guard let unknown = members.keys.min() else { return }
        throw failure(unknown, "there is no such field; there are \(names.joined(separator: ", "))")
    }

    /// Takes `<name>_count` out: how many elements there were before the array was shortened.
    mutating func takeCount(_ field: FieldDefinition) throws(MessageJSONError) -> Int? {
        let name = field.name + "_count"
        guard field.hasElements, let node = take(name) else { return nil }
        guard let count = node.integer, count >= 0 else {
            throw failure(name, "expected a whole number, got \(node.shown)")
        }
        return Int(count)
    }

    /// Takes the field out; for a time also its date, which must agree with it or stands for it.
    mutating func takeTime(_ field: FieldDefinition) throws(MessageJSONError) -> JSONNode? {
        let node = take(field.name)
        let name = field.name + "_iso"
        if case .structure = field.type {
            // The date explains the numbers, which are needed anyway.
            _ = take(name)
            return node
        }
        guard let unit = field.type.time, let date = take(name) else { return node }
        let time = try Self.time(date, unit, path(name))
        guard let node, node != time else { return time }
        // A date has fewer digits than a time in seconds, and a shortened array fewer dates.
        if unit == .seconds || Self.agrees(node, time) { return node }
        throw failure(name, "it is another time than \(field.name): leave one of them out")
    }

    private static func agrees(_ node: JSONNode, _ time: JSONNode) -> Bool {
        guard let times = node.list, let others = time.list, times.count == others.count else { return false }
        return zip(times, others).allSatisfy { $1 == .null || $0 == $1 }
    }

    private static func time(
        _ node: JSONNode, _ unit: TimeUnit, _ path: String
    ) throws(MessageJSONError) -> JSONNode {
        if let list = node.list {
            var times: [JSONNode] = []
            for (index, element) in list.enumerated() {
                times.append(element == .null ? .null : try time(element, unit, "\(path)[\(index)]"))
            }
            return .list(times)
        }
        let found: JSONNode? =
            switch (unit, node.text) {
            case (_, nil): nil
            case (.milliseconds, let text?): CivilTime.milliseconds(iso: text).map { .integer(Int64($0)) }
            case (.seconds, let text?):
                CivilTime.parse(text).map { .real(Double($0.seconds) + Double($0.nanoseconds) / 1e9) }
            case (_, let text?): CivilTime.nanoseconds(iso: text).map { .integer($0) }
            }
        guard let found else {
            throw MessageJSONError(path, "expected a date such as 2026-11-20T12:00:00.000Z, got \(node.shown)")
        }
        return found
    }

    /// The sizes along the axes of an array, which another member names; nil if it is absent or wrong itself.
    func shape(_ field: FieldDefinition) -> [Int64]? {
        guard let sizes = all[field.name]?.list else { return nil }
        let known = sizes.compactMap(\.integer)
        return known.count == sizes.count ? known : nil
    }

    /// The type of an array's elements, which another member names.
    func elementType(_ slot: Int, of definition: TableDefinition) throws(MessageJSONError) -> ElementType {
        guard let field = definition.fields.first(where: { $0.slot == slot }),
            case .enumeration(let enumeration, let absent) = field.type
        else { preconditionFailure("an array names no field for its type") }
        let word = all[field.name]?.text ?? enumeration.word(absent) ?? ""
        guard let type = ElementType(word: word) else {
            throw failure(field.name, "expected one of " + enumeration.words.map(\.word).joined(separator: ", "))
        }
        return type
    }
}

extension FieldDefinition {
    /// Whether JSON may show fewer elements than there are.
    var hasElements: Bool {
        switch type {
        case .numbers, .strings, .array, .tables: true
        case .union(let union): union.isValue
        default: false
        }
    }
}
