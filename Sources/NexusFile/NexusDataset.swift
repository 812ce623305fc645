import CHDF5

/// A dataset: an array of numbers or texts, or a single one, with attributes.
public final class NexusDataset: NexusObject {
    /// What the elements are.
    public let type: NexusType
    /// The length in each dimension; empty for a single element.
    public let shape: [Int]

    /// Most elements that `values` and `texts` read at once unless told otherwise: 128 Mi.
    public static let elementsMax = 1 << 27

    init(opening handle: Handle, _ context: FileContext, _ path: String) throws(NexusError) {
        guard let datatype = Handle(.datatype, H5Dget_type(handle.id)),
            let space = Handle(.dataspace, H5Dget_space(handle.id))
        else { throw context.failure("open", path) }
        type = NexusType(datatype: datatype.id)
        let rank = H5Sget_simple_extent_ndims(space.id)
        guard rank >= 0 else { throw context.failure("open", path) }
        var sizes = [hsize_t](repeating: 0, count: Int(rank))
        if rank > 0 { H5Sget_simple_extent_dims(space.id, &sizes, nil) }
        let isEmpty = H5Sget_simple_extent_type(space.id) == H5S_NULL
        shape = isEmpty ? [0] : sizes.map { Int(clamping: $0) }
        super.init(context, handle, path)
    }

    /// How many elements there are in all (`Int.max` when a damaged header claims more than fit).
    public var count: Int {
        shape.reduce(1) { product, size in
            let (value, overflow) = product.multipliedReportingOverflow(by: size)
            return overflow ? Int.max : value
        }
    }

    /// The value of the attribute `units`; nil when there is none.
    public var units: String? { ((try? attribute("units")) ?? nil)?.text }

    // MARK: - Numbers

    /// All elements, converted to `T` (values out of its range are cut), the last index running fastest.
    ///
    /// - Parameter limit: throws `invalid` when there are more elements.
    public func values<T: NexusScalar>(
        _: T.Type, limit: Int = NexusDataset.elementsMax
    ) throws(NexusError) -> [T] {
        try requireReadable(numbers: true, count: count, limit)
        return try fill(count) { (target: UnsafeMutableBufferPointer<T>) in
            H5Dread(self.handle.id, T.nativeType, nx_all(), nx_all(), nx_default(), target.baseAddress)
        }
    }

    /// `count` elements from `start` on of a 1-D dataset, converted to `T`.
    public func values<T: NexusScalar>(_: T.Type, from start: Int, count: Int) throws(NexusError) -> [T] {
        try requireReadable(numbers: true, count: count, NexusDataset.elementsMax)
        let (file, memory) = try selection(start, count)
        return try fill(count) { (target: UnsafeMutableBufferPointer<T>) in
            H5Dread(self.handle.id, T.nativeType, memory.id, file.id, nx_default(), target.baseAddress)
        }
    }

    /// The elements from `start` on of a 1-D dataset, converted to `T`, into memory of the caller.
    public func read<T: NexusScalar>(
        into target: UnsafeMutableBufferPointer<T>, from start: Int
    ) throws(NexusError) {
        try requireReadable(numbers: true, count: target.count, Int.max)
        guard target.count > 0 else { return }
        let (file, memory) = try selection(start, target.count)
        let code = H5Dread(handle.id, T.nativeType, memory.id, file.id, nx_default(), target.baseAddress)
        guard code >= 0 else { throw failure("read") }
    }

    /// The only element, or the first, converted to `T`; throws `invalid` when the dataset is empty.
    public func value<T: NexusScalar>(_ type: T.Type) throws(NexusError) -> T {
        let values = shape.count == 1 ? try self.values(type, from: 0, count: min(1, count)) : try self.values(type)
        guard let value = values.first else {
            throw NexusError(.invalid, "read", file: context.path, path: path, "the dataset is empty")
        }
        return value
    }

    // MARK: - Text

    /// All texts, of fixed or variable length.
    public func texts(limit: Int = 1 << 20) throws(NexusError) -> [String] {
        try requireReadable(numbers: false, count: count, limit)
        guard let datatype = Handle(.datatype, H5Dget_type(handle.id)) else { throw failure("read") }
        return try readTexts(datatype, count, context, path) { memory, target in
            H5Dread(handle.id, memory, nx_all(), nx_all(), nx_default(), target)
        }
    }

    /// The only text, or the first; throws `invalid` when the dataset is empty.
    public func text() throws(NexusError) -> String {
        guard let text = try texts().first else {
            throw NexusError(.invalid, "read", file: context.path, path: path, "the dataset is empty")
        }
        return text
    }

    // MARK: - Checks

    private func requireReadable(numbers: Bool, count: Int, _ limit: Int) throws(NexusError) {
        nx_quiet()
        guard numbers ? type.scalar != nil : type == .string else {
            let wanted = numbers ? "numbers" : "text"
            throw NexusError(.wrongType, "read", file: context.path, path: path, "holds \(type), not \(wanted)")
        }
        guard (0...limit).contains(count) else {
            throw NexusError(
                .invalid, "read", file: context.path, path: path, "\(count) elements, more than \(limit): read pieces")
        }
        guard nx_stored_elsewhere(handle.id) == 0 else {
            throw NexusError(.outside, "read", file: context.path, path: path, "the data lie in another file")
        }
    }

    private func selection(_ start: Int, _ count: Int) throws(NexusError) -> (file: Handle, memory: Handle) {
        guard shape.count == 1, start >= 0, count >= 0, start <= shape[0], count <= shape[0] - start else {
            throw NexusError(
                .invalid, "read", file: context.path, path: path, "\(start)+\(count) lies outside of shape \(shape)")
        }
        guard let file = Handle(.dataspace, H5Dget_space(handle.id)),
            let memory = Handle(.dataspace, H5Screate_simple(1, [hsize_t(count)], nil))
        else { throw failure("read") }
        let code =
            count == 0
            ? H5Sselect_none(file.id)
            : H5Sselect_hyperslab(file.id, H5S_SELECT_SET, [hsize_t(start)], nil, [hsize_t(count)], nil)
        guard code >= 0 else { throw failure("read") }
        return (file, memory)
    }

    private func fill<T: NexusScalar>(
        _ count: Int, _ read: (UnsafeMutableBufferPointer<T>) -> herr_t
    ) throws(NexusError) -> [T] {
        guard count > 0 else { return [] }
        var code: herr_t = -1
        let values = [T](unsafeUninitializedCapacity: count) { target, initialized in
            code = read(target)
            initialized = code >= 0 ? count : 0
        }
        guard code >= 0 else { throw failure("read") }
        return values
    }
}
