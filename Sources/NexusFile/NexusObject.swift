import CHDF5

/// A group or a dataset: something with a path and attributes.
public class NexusObject {
    /// The absolute path in the file, such as `/entry/detector_events`.
    public let path: String
    let context: FileContext
    let handle: Handle

    init(_ context: FileContext, _ handle: Handle, _ path: String) {
        self.context = context
        self.handle = handle
        self.path = path
        nx_quiet()
    }

    /// The last part of the path; empty for the root.
    public var name: String { path.split(separator: "/").last.map(String.init) ?? "" }

    /// The value of `NX_class`; nil when there is none.
    public var nexusClass: String? { ((try? attribute("NX_class")) ?? nil)?.text }

    func failure(_ operation: String, _ child: String = "", code: NexusError.Code = .library) -> NexusError {
        context.failure(operation, child.isEmpty ? path : childPath(child), code: code)
    }

    func childPath(_ child: String) -> String { path == "/" ? "/" + child : path + "/" + child }

    func attributeLabel(_ name: String) -> String { "\(path)@\(name)" }

    // MARK: - Writing attributes

    /// Sets an attribute, replacing one of that name.
    public func setAttribute(_ name: String, _ value: NexusValue) throws(NexusError) {
        switch value {
        case .text(let text): try setTexts(name, [text], shape: [])
        case .texts(let texts): try setTexts(name, texts, shape: [texts.count])
        case .integer(let number): try setNumbers(name, [number], shape: [])
        case .integers(let numbers): try setNumbers(name, numbers, shape: [numbers.count])
        case .unsigned(let number): try setNumbers(name, [number], shape: [])
        case .unsigneds(let numbers): try setNumbers(name, numbers, shape: [numbers.count])
        case .real(let number): try setNumbers(name, [number], shape: [])
        case .reals(let numbers): try setNumbers(name, numbers, shape: [numbers.count])
        }
    }

    /// Sets an attribute to text.
    public func setAttribute(_ name: String, _ text: String) throws(NexusError) {
        try setTexts(name, [text], shape: [])
    }

    /// Sets an attribute to one number of a given type.
    public func setAttribute<T: NexusScalar>(_ name: String, number: T) throws(NexusError) {
        try setNumbers(name, [number], shape: [])
    }

    /// Sets an attribute to a list of numbers of a given type.
    public func setAttribute<T: NexusScalar>(_ name: String, numbers: [T]) throws(NexusError) {
        try setNumbers(name, numbers, shape: [numbers.count])
    }

    private func setNumbers<T: NexusScalar>(_ name: String, _ values: [T], shape: [Int]) throws(NexusError) {
        let attribute = try createAttribute(name, T.nativeType, shape)
        let code = values.withUnsafeBytes { H5Awrite(attribute.id, T.nativeType, $0.baseAddress) }
        guard values.isEmpty || code >= 0 else { throw context.failure("write", attributeLabel(name)) }
    }

    private func setTexts(_ name: String, _ texts: [String], shape: [Int]) throws(NexusError) {
        let type = try context.textType(attributeLabel(name))
        let attribute = try createAttribute(name, type.id, shape)
        let code = withTextPointers(texts) { H5Awrite(attribute.id, type.id, $0) }
        guard texts.isEmpty || code >= 0 else { throw context.failure("write", attributeLabel(name)) }
    }

    private func createAttribute(_ name: String, _ type: hid_t, _ shape: [Int]) throws(NexusError) -> Handle {
        nx_quiet()
        let space = try context.dataspace(shape, attributeLabel(name))
        if H5Aexists(handle.id, name) > 0 { H5Adelete(handle.id, name) }
        let id = H5Acreate2(handle.id, name, type, space.id, nx_default(), nx_default())
        guard let attribute = Handle(.attribute, id) else { throw context.failure("create", attributeLabel(name)) }
        return attribute
    }

    // MARK: - Reading attributes

    /// Most elements that an attribute may have to be read.
    public static let attributeElementsMax = 1 << 16

    /// The names of all attributes, sorted.
    public func attributeNames() throws(NexusError) -> [String] {
        nx_quiet()
        var information = H5O_info_t()
        guard H5Oget_info2(handle.id, &information, UInt32(H5O_INFO_NUM_ATTRS)) >= 0 else {
            throw failure("list attributes of")
        }
        var names: [String] = []
        for index in 0..<information.num_attrs {
            let name = nameOf { buffer, size in
                H5Aget_name_by_idx(
                    self.handle.id, ".", H5_INDEX_NAME, H5_ITER_INC, index, buffer, size, nx_default())
            }
            guard let name else { throw failure("list attributes of") }
            names.append(name)
        }
        return names
    }

    /// The value of an attribute; nil when there is none.
    public func attribute(_ name: String) throws(NexusError) -> NexusValue? {
        nx_quiet()
        guard H5Aexists(handle.id, name) > 0 else { return nil }
        let label = attributeLabel(name)
        guard let attribute = Handle(.attribute, H5Aopen(handle.id, name, nx_default())),
            let type = Handle(.datatype, H5Aget_type(attribute.id)),
            let space = Handle(.dataspace, H5Aget_space(attribute.id))
        else { throw context.failure("open", label) }
        let count = Int(H5Sget_simple_extent_npoints(space.id))
        guard (0...Self.attributeElementsMax).contains(count) else {
            throw NexusError(.invalid, "read", file: context.path, path: label, "\(count) elements are too many")
        }
        let isScalar = H5Sget_simple_extent_type(space.id) == H5S_SCALAR
        let nexusType = NexusType(datatype: type.id)
        func numbers<T: NexusScalar>(_: T.Type) throws(NexusError) -> [T] {
            var values = [T](repeating: T(), count: count)
            let code = values.withUnsafeMutableBytes { H5Aread(attribute.id, T.nativeType, $0.baseAddress) }
            guard count == 0 || code >= 0 else { throw context.failure("read", label) }
            return values
        }
        switch nexusType {
        case .string:
            let texts = try readTexts(type, count, context, label) { memory, target in
                H5Aread(attribute.id, memory, target)
            }
            if isScalar, let text = texts.first { return .text(text) }
            return .texts(texts)
        case .float, .double:
            let values = try numbers(Double.self)
            if isScalar, let value = values.first { return .real(value) }
            return .reals(values)
        case .uint64:
            let values = try numbers(UInt64.self)
            if isScalar, let value = values.first { return .unsigned(value) }
            return .unsigneds(values)
        case .other:
            throw NexusError(.wrongType, "read", file: context.path, path: label, "neither text nor number")
        default:
            let values = try numbers(Int64.self)
            if isScalar, let value = values.first { return .integer(value) }
            return .integers(values)
        }
    }
}

/// Asks for a name's length, then for the name; nil when the library fails.
func nameOf(_ ask: (UnsafeMutablePointer<CChar>?, Int) -> Int) -> String? {
    let length = ask(nil, 0)
    guard length >= 0 else { return nil }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: length + 1) { buffer in
        guard ask(buffer.baseAddress, length + 1) >= 0 else { return nil }
        return String(cString: buffer.baseAddress!)
    }
}
