import NexusFile
import Schemas

/// Values of a structure with their type and shape, ready to be written.
struct Constant {
    private let type: NexusType
    /// Empty for a single value.
    private let shape: [Int]
    private let leaves: [JSONNode]

    /// The values of a node; nil when they are no numbers or texts, or do not fit the type.
    ///
    /// Nested lists become dimensions; shorter ones are filled up with zeros or empty texts.
    ///
    /// - Parameters:
    ///   - typeName: the type by name; without it, texts are text and numbers `double`.
    ///   - infersIntegers: without a type, integers are `int64` instead (attributes).
    init?(_ node: JSONNode, typeName: String?, infersIntegers: Bool = false) {
        var shape: [Int] = []
        guard Self.measure(node, 0, &shape) else { return nil }
        var leaves: [JSONNode] = []
        var budget = Self.elementsMax
        guard Self.flatten(node, shape[...], &leaves, &budget) else { return nil }
        self.shape = shape
        self.leaves = leaves
        let hasText = leaves.contains { $0.text != nil }
        if let typeName, !hasText || typeName == "string" {
            guard let type = NexusType(name: typeName) else { return nil }
            self.type = type
        } else if hasText {
            type = .string
        } else {
            let integers = leaves.allSatisfy { $0.integer != nil || $0 == .bool(true) || $0 == .bool(false) }
            type = infersIntegers && integers && !leaves.isEmpty ? .int64 : .double
        }
    }

    /// Most elements after filling up ragged lists: 64 Mi.
    private static let elementsMax = 1 << 26

    /// Grows `shape` to hold `node` at `depth`; false when a list and a value share a level.
    private static func measure(_ node: JSONNode, _ depth: Int, _ shape: inout [Int]) -> Bool {
        guard let list = node.list else {
            if case .object = node { return false }
            return depth == shape.count
        }
        if depth == shape.count { shape.append(list.count) } else { shape[depth] = max(shape[depth], list.count) }
        var isFirst = true
        for element in list {
            // Only the first element may add a dimension; the others must agree with it.
            let known = shape.count
            guard measure(element, depth + 1, &shape), isFirst || shape.count == known else { return false }
            isFirst = false
        }
        return true
    }

    private static func flatten(
        _ node: JSONNode, _ shape: ArraySlice<Int>, _ leaves: inout [JSONNode], _ budget: inout Int
    ) -> Bool {
        guard let size = shape.first else {
            leaves.append(node)
            budget -= 1
            return budget >= 0
        }
        let list = node.list ?? []
        for index in 0..<size {
            let element = index < list.count ? list[index] : shape.count > 1 ? .list([]) : .null
            guard flatten(element, shape.dropFirst(), &leaves, &budget) else { return false }
        }
        return true
    }

    // MARK: - Writing

    private var texts: [String] {
        leaves.map { leaf in
            switch leaf {
            case .text(let text): text
            case .integer(let value): String(value)
            case .unsigned(let value): String(value)
            case .real(let value): String(value)
            case .bool(let value): value ? "true" : "false"
            case .null, .list, .object: ""
            }
        }
    }

    private func numbers<T: NexusScalar>(_: T.Type) -> [T] {
        leaves.map { leaf in
            switch leaf {
            case .integer(let value): T(nearest: value)
            case .unsigned(let value): T(nearest: value)
            case .real(let value): T(nearest: value)
            case .bool(let value): T(nearest: value ? Int64(1) : 0)
            case .null, .text, .list, .object: T()
            }
        }
    }

    /// Writes a dataset.
    func write(_ group: NexusGroup, _ name: String) throws(NexusError) -> NexusDataset {
        func put<T: NexusScalar>(_ type: T.Type) throws(NexusError) -> NexusDataset {
            try group.write(name, values: numbers(type), shape: shape)
        }
        guard let scalar = type.scalar else { return try group.write(name, texts: texts, shape: shape) }
        return try put(scalar)
    }

    /// Sets an attribute; more than one dimension is laid out flat.
    func write(_ object: NexusObject, attribute name: String) throws(NexusError) {
        func put<T: NexusScalar>(_ type: T.Type) throws(NexusError) {
            let numbers = numbers(type)
            if shape.isEmpty, let number = numbers.first {
                try object.setAttribute(name, number: number)
            } else {
                try object.setAttribute(name, numbers: numbers)
            }
        }
        guard let scalar = type.scalar else {
            try object.setAttribute(name, shape.isEmpty ? .text(texts[0]) : .texts(texts))
            return
        }
        try put(scalar)
    }
}

/// One attribute out of a structure's `attributes`.
struct ConstantAttribute {
    let name: String
    let values: JSONNode
    let typeName: String?

    /// The attributes of an object (`{"units": "m"}`), of a list (`[{"name", "values", "type"}]`), or of a list of such
    /// objects.
    static func list(_ node: JSONNode?) -> [ConstantAttribute] {
        switch node {
        case .object(let members): members.map { ConstantAttribute(member: $0) }
        case .list(let elements):
            elements.flatMap { element -> [ConstantAttribute] in
                guard let name = element["name"]?.text, let values = element["values"] ?? element["value"] else {
                    return (element.members ?? []).map { ConstantAttribute(member: $0) }
                }
                return [ConstantAttribute(name, values, element["type"] ?? element["dtype"])]
            }
        default: []
        }
    }

    private init(_ name: String, _ values: JSONNode, _ type: JSONNode?) {
        self.name = name
        self.values = values
        typeName = type?.text
    }

    /// `"name": value`, or `"name": {"values", "type"}` as version 3 had it.
    private init(member: JSONNode.Member) {
        if member.value.members != nil, let values = member.value["values"] ?? member.value["value"] {
            self.init(member.name, values, member.value["type"] ?? member.value["dtype"])
        } else {
            self.init(member.name, member.value, nil)
        }
    }
}
