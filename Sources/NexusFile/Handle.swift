import CHDF5

/// An HDF5 identifier that is closed exactly once: by `close`, or when its last owner lets go of it.
///
/// The library guards itself with one lock, so handles may be used from any thread, one at a time.
final class Handle {
    /// What an identifier names, which decides how it is closed.
    enum Kind {
        case file, object, attribute, dataspace, datatype, propertyList
    }

    let id: hid_t
    private let kind: Kind
    private var isOpen = true

    /// Takes over an identifier that the library has just returned; nil when it is an error.
    init?(_ kind: Kind, _ id: hid_t) {
        guard id >= 0 else { return nil }
        self.id = id
        self.kind = kind
    }

    /// Closes the identifier now; a negative value is the library's error.
    @discardableResult
    func close() -> herr_t {
        guard isOpen else { return 0 }
        isOpen = false
        nx_quiet()
        switch kind {
        case .file: return H5Fclose(id)
        case .object: return H5Oclose(id)
        case .attribute: return H5Aclose(id)
        case .dataspace: return H5Sclose(id)
        case .datatype: return H5Tclose(id)
        case .propertyList: return H5Pclose(id)
        }
    }

    deinit {
        // A file is closed with all that is open in it; its objects' identifiers are then no longer valid.
        if isOpen, kind == .file || H5Iis_valid(id) > 0 { close() }
    }
}
