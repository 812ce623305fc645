import CHDF5

/// A group: named groups, datasets and links, with attributes.
public final class NexusGroup: NexusObject {
    // MARK: - Writing

    /// Creates a group in this one, with `NX_class` when a class is given; throws `exists` when the name is taken.
    @discardableResult
    public func createGroup(_ name: String, class nexusClass: String? = nil) throws(NexusError) -> NexusGroup {
        nx_quiet()
        try requireFree(name)
        let id = H5Gcreate2(handle.id, name, nx_default(), nx_default(), nx_default())
        guard let group = Handle(.object, id) else { throw failure("create", name) }
        let made = NexusGroup(context, group, childPath(name))
        if let nexusClass { try made.setAttribute("NX_class", nexusClass) }
        return made
    }

    /// Writes one number as a scalar dataset.
    @discardableResult
    public func write<T: NexusScalar>(_ name: String, _ value: T) throws(NexusError) -> NexusDataset {
        try write(name, values: [value], shape: [])
    }

    /// Writes numbers as a dataset of this shape, the last index running fastest; 1-D without a shape.
    @discardableResult
    public func write<T: NexusScalar>(
        _ name: String, values: [T], shape: [Int]? = nil
    ) throws(NexusError) -> NexusDataset {
        let shape = shape ?? [values.count]
        precondition(shape.reduce(1, *) == values.count, "shape \(shape) does not fit \(values.count) values")
        let dataset = try create(name, T.nativeType, shape)
        let code = values.withUnsafeBytes {
            H5Dwrite(dataset.id, T.nativeType, nx_all(), nx_all(), nx_default(), $0.baseAddress)
        }
        guard values.isEmpty || code >= 0 else { throw failure("write", name) }
        return try NexusDataset(opening: dataset, context, childPath(name))
    }

    /// Writes one text as a scalar dataset of variable-length UTF-8.
    @discardableResult
    public func write(_ name: String, text: String) throws(NexusError) -> NexusDataset {
        try write(name, texts: [text], shape: [])
    }

    /// Writes texts as a dataset of variable-length UTF-8; 1-D without a shape.
    @discardableResult
    public func write(_ name: String, texts: [String], shape: [Int]? = nil) throws(NexusError) -> NexusDataset {
        let shape = shape ?? [texts.count]
        precondition(shape.reduce(1, *) == texts.count, "shape \(shape) does not fit \(texts.count) texts")
        let type = try context.textType(childPath(name))
        let dataset = try create(name, type.id, shape)
        let code = withTextPointers(texts) {
            H5Dwrite(dataset.id, type.id, nx_all(), nx_all(), nx_default(), $0)
        }
        guard texts.isEmpty || code >= 0 else { throw failure("write", name) }
        return try NexusDataset(opening: dataset, context, childPath(name))
    }

    /// Gives an object of this file a second name here (a hard link).
    ///
    /// - Parameter target: an absolute path, or one relative to this group without `..`.
    public func link(_ name: String, to target: String) throws(NexusError) {
        nx_quiet()
        try requireFree(name)
        guard let object = Handle(.object, H5Oopen(handle.id, target, nx_default())) else {
            throw failure("link", target, code: .notFound)
        }
        guard H5Olink(object.id, handle.id, name, nx_default(), nx_default()) >= 0 else {
            throw failure("link", name)
        }
    }

    private func create(_ name: String, _ type: hid_t, _ shape: [Int]) throws(NexusError) -> Handle {
        nx_quiet()
        try requireFree(name)
        let space = try context.dataspace(shape, childPath(name))
        let id = H5Dcreate2(handle.id, name, type, space.id, nx_default(), nx_default(), nx_default())
        guard let dataset = Handle(.object, id) else { throw failure("create", name) }
        return dataset
    }

    /// One part of a path, not taken yet.
    func requireFree(_ name: String) throws(NexusError) {
        guard !name.isEmpty, name != ".", !name.utf8.contains(UInt8(ascii: "/")), !name.utf8.contains(0) else {
            throw NexusError(.invalid, "create", file: context.path, path: path, "\"\(name)\" is not a name")
        }
        guard !contains(name) else {
            throw NexusError(.exists, "create", file: context.path, path: childPath(name), "the name is taken")
        }
    }

    // MARK: - Reading

    /// What a group holds under one name.
    public enum Child {
        case group(NexusGroup)
        case dataset(NexusDataset)
    }

    /// Whether there is something of this name directly in the group.
    public func contains(_ name: String) -> Bool {
        nx_quiet()
        let exists = H5Lexists(handle.id, name, nx_default())
        if exists < 0 { H5Eclear2(hid_t(0)) }
        return exists > 0
    }

    /// The names of all children, sorted.
    public func childNames() throws(NexusError) -> [String] {
        nx_quiet()
        var information = H5G_info_t()
        guard H5Gget_info(handle.id, &information) >= 0 else { throw failure("list") }
        var names: [String] = []
        for index in 0..<information.nlinks {
            let name = nameOf { buffer, size in
                H5Lget_name_by_idx(
                    self.handle.id, ".", H5_INDEX_NAME, H5_ITER_INC, index, buffer, size, nx_default())
            }
            guard let name else { throw failure("list") }
            names.append(name)
        }
        return names
    }

    /// The object at a path relative to this group (or absolute); nil when there is none, or it is neither a group nor
    /// a dataset.
    public func child(_ path: String) throws(NexusError) -> Child? {
        nx_quiet()
        guard try exists(path) else { return nil }
        guard let object = Handle(.object, H5Oopen(handle.id, path, nx_default())) else {
            let error = failure("open", path)
            // A soft link may lead nowhere; an object that is there and cannot be opened is damaged or too new.
            guard H5Oexists_by_name(handle.id, path, nx_default()) > 0 else { return nil }
            throw error
        }
        let absolute = path.utf8.first == UInt8(ascii: "/") ? path : childPath(path)
        switch nx_object_kind(object.id) {
        case 1: return .group(NexusGroup(context, object, absolute))
        case 2: return .dataset(try NexusDataset(opening: object, context, absolute))
        default: return nil
        }
    }

    /// The groups directly in this one, by name; links that lead nowhere or into another file are left out.
    public func groups() throws(NexusError) -> [NexusGroup] {
        var groups: [NexusGroup] = []
        for name in try childNames() {
            do {
                if case .group(let group)? = try child(name) { groups.append(group) }
            } catch  where error.code == .outside {
                continue
            }
        }
        return groups
    }

    /// The groups directly in this one with this `NX_class`.
    public func groups(class nexusClass: String) throws(NexusError) -> [NexusGroup] {
        try groups().filter { $0.nexusClass == nexusClass }
    }

    /// The group at a path; throws `notFound` or `wrongType`.
    public func group(_ path: String) throws(NexusError) -> NexusGroup {
        switch try child(path) {
        case .group(let group): return group
        case .dataset: throw NexusError(.wrongType, "open", file: context.path, path: childPath(path), "is a dataset")
        case nil: throw NexusError(.notFound, "open", file: context.path, path: childPath(path), "no such group")
        }
    }

    /// The dataset at a path; throws `notFound` or `wrongType`.
    public func dataset(_ path: String) throws(NexusError) -> NexusDataset {
        switch try child(path) {
        case .dataset(let dataset): return dataset
        case .group: throw NexusError(.wrongType, "open", file: context.path, path: childPath(path), "is a group")
        case nil: throw NexusError(.notFound, "open", file: context.path, path: childPath(path), "no such dataset")
        }
    }

    /// Whether every part of a path exists; throws `outside` for a link into another file.
    private func exists(_ path: String) throws(NexusError) -> Bool {
        guard !path.utf8.contains(0) else { return false }
        var prefix = path.utf8.first == UInt8(ascii: "/") ? "/" : ""
        for part in path.split(separator: "/") {
            prefix += part
            guard H5Lexists(handle.id, prefix, nx_default()) > 0 else { return false }
            guard nx_link_leaves_file(handle.id, prefix) == 0 else {
                throw NexusError(
                    .outside, "open", file: context.path, path: childPath(path), "a link into another file")
            }
            prefix += "/"
        }
        return true
    }
}
