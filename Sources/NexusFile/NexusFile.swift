import CHDF5
import Glibc

/// An HDF5 file in NeXus layout, either new and being written, or open for reading.
///
/// Any thread may use a file and what it hands out, one at a time. Letting go of a file closes it without a word about
/// errors: a writer calls `close`, and opens the file again to see what is really there.
public final class NexusFile {
    /// The file's name for people.
    public let path: String
    /// The root group.
    public let root: NexusGroup
    private let context: FileContext

    private init(_ path: String, _ handle: Handle, _ operation: String) throws(NexusError) {
        self.path = path
        context = FileContext(path, handle)
        guard let group = Handle(.object, H5Oopen(handle.id, "/", nx_default())) else {
            throw NexusError.library(operation, file: path)
        }
        root = NexusGroup(context, group, "/")
        // The library forgets to: a child process would keep the file open.
        let descriptor = nx_file_descriptor(handle.id)
        if descriptor >= 0 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    }

    /// The release of the HDF5 library, such as `1.10.8`.
    public static var libraryVersion: String { String(cString: nx_version()) }

    /// Creates a file and opens it for writing; throws `exists` when there is one.
    ///
    /// The format is the oldest that holds the contents: after `flush` such a file can be opened even when its writer
    /// was killed, which the newer formats refuse.
    ///
    /// - Parameter name: what errors call the file, when the path is not for people.
    public static func create(_ path: String, shownAs name: String? = nil) throws(NexusError) -> NexusFile {
        let name = name ?? path
        try prepareLibrary("create", name)
        let access = try accessList(name, "create")
        guard let handle = Handle(.file, H5Fcreate(path, nx_access_exclusive(), nx_default(), access.id)) else {
            let exists = Glibc.access(path, F_OK) == 0
            throw NexusError.library("create", file: name, code: exists ? .exists : .library)
        }
        return try NexusFile(name, handle, "create")
    }

    /// Opens a file for reading. Links and data that lead into other files are refused.
    ///
    /// The HDF5 library was not written for hostile files: a process that must live on opens only what it trusts.
    ///
    /// - Parameter name: what errors call the file, when the path is not for people.
    public static func open(_ path: String, shownAs name: String? = nil) throws(NexusError) -> NexusFile {
        let name = name ?? path
        try prepareLibrary("open", name)
        guard Glibc.access(path, R_OK) == 0 else {
            let reason = String(cString: strerror(errno))
            throw NexusError(errno == ENOENT ? .notFound : .library, "open", file: name, reason)
        }
        let access = try accessList(name, "open")
        guard let handle = Handle(.file, H5Fopen(path, nx_access_read_only(), access.id)) else {
            throw NexusError.library("open", file: name)
        }
        return try NexusFile(name, handle, "open")
    }

    /// Hands everything written so far to the operating system, so that the file can be opened after a crash of this
    /// process. Gathered rows of appendable datasets are not included: flush those first.
    public func flush() throws(NexusError) {
        nx_quiet()
        guard H5Fflush(context.file.id, H5F_SCOPE_GLOBAL) >= 0 else { throw NexusError.library("flush", file: path) }
    }

    /// `flush`, and waits until the disk has it: only then does the file survive a power cut. The C function is `fsync`.
    public func sync() throws(NexusError) {
        try flush()
        let descriptor = nx_file_descriptor(context.file.id)
        guard descriptor >= 0 else { throw NexusError.library("sync", file: path) }
        guard fsync(descriptor) == 0 else {
            throw NexusError(.library, "fsync", file: path, String(cString: strerror(errno)))
        }
    }

    /// Bytes that the file takes on disk now.
    public var sizeBytes: Int64 {
        nx_quiet()
        var size: hsize_t = 0
        return H5Fget_filesize(context.file.id, &size) >= 0 ? Int64(clamping: size) : 0
    }

    /// Closes the file and everything that is open in it. A file being written should be synced before.
    ///
    /// Success is no proof: the library can return 0 after a failed flush, so the writer reopens and compares.
    public func close() throws(NexusError) {
        guard context.file.close() >= 0 else { throw NexusError.library("close", file: path) }
    }

    private static func prepareLibrary(_ operation: String, _ name: String) throws(NexusError) {
        if let reason = unusable { throw NexusError(.library, operation, file: name, reason) }
        nx_quiet()
    }

    /// Loads the library for this process; why that was not possible, else nil.
    private static let unusable: String? = {
        let reason = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { text -> String? in
            guard let base = text.baseAddress, nx_load(base, UInt(text.count)) == 0 else { return nil }
            return String(cString: base)
        }
        guard reason == nil else { return reason }
        nx_quiet()
        nx_forbid_external_links()
        return nil
    }()

    /// Closing the file shall close all that is open in it, whoever still holds it. Files are not locked: creation is
    /// exclusive by name, locks fail on network file systems, and one inherited by a child process outlives its file.
    private static func accessList(_ path: String, _ operation: String) throws(NexusError) -> Handle {
        guard let list = Handle(.propertyList, H5Pcreate(nx_p_file_access())),
            H5Pset_fclose_degree(list.id, H5F_CLOSE_STRONG) >= 0,
            H5Pset_file_locking(list.id, false, true) >= 0
        else { throw NexusError.library(operation, file: path) }
        return list
    }
}

/// What all objects of one open file share.
final class FileContext {
    let path: String
    let file: Handle

    init(_ path: String, _ file: Handle) {
        self.path = path
        self.file = file
    }

    /// The library's error about one object of this file.
    func failure(_ operation: String, _ object: String, code: NexusError.Code = .library) -> NexusError {
        NexusError.library(operation, file: path, path: object, code: code)
    }

    /// A dataspace of this shape; the empty shape is a scalar.
    func dataspace(_ shape: [Int], _ object: String) throws(NexusError) -> Handle {
        let sizes = shape.map { hsize_t($0) }
        let id = shape.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(shape.count), sizes, nil)
        guard let space = Handle(.dataspace, id) else { throw failure("create", object) }
        return space
    }

    /// The datatype of UTF-8 text: of variable length, or of so many bytes.
    func textType(length: Int? = nil, _ object: String) throws(NexusError) -> Handle {
        guard let type = Handle(.datatype, H5Tcopy(nx_c_s1())),
            H5Tset_size(type.id, length ?? nx_variable_length()) >= 0,
            H5Tset_cset(type.id, H5T_CSET_UTF8) >= 0
        else { throw failure("create", object) }
        return type
    }
}
