import CHDF5
import Glibc

/// Calls `body` with an array of pointers to zero-terminated texts, as the library wants variable-length text.
func withTextPointers<R>(_ texts: [String], _ body: (UnsafeRawPointer?) -> R) -> R {
    let copies: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return copies.withUnsafeBytes { body($0.baseAddress) }
}

/// Reads `count` texts of fixed or variable length.
///
/// - Parameter read: fills memory with values of a datatype, as `H5Dread` or `H5Aread` do.
func readTexts(
    _ type: Handle, _ count: Int, _ context: FileContext, _ label: String,
    _ read: (_ memoryType: hid_t, _ target: UnsafeMutableRawPointer?) -> herr_t
) throws(NexusError) -> [String] {
    guard count > 0 else { return [] }
    if H5Tis_variable_str(type.id) > 0 {
        guard let memory = Handle(.datatype, H5Tcopy(type.id)),
            let space = Handle(.dataspace, H5Screate_simple(1, [hsize_t(count)], nil))
        else { throw context.failure("read", label) }
        var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
        return try pointers.withUnsafeMutableBufferPointer { (pointers) throws(NexusError) in
            guard read(memory.id, pointers.baseAddress) >= 0 else { throw context.failure("read", label) }
            let texts = pointers.map { $0.map { String(cString: $0) } ?? "" }
            H5Dvlen_reclaim(memory.id, space.id, nx_default(), pointers.baseAddress)
            return texts
        }
    }
    let size = H5Tget_size(type.id)
    let (total, overflow) = size.multipliedReportingOverflow(by: count)
    guard size > 0, !overflow, total <= fixedTextBytesMax else {
        throw NexusError(.invalid, "read", file: context.path, path: label, "text of \(size) bytes is too long")
    }
    let isPaddedBySpaces = H5Tget_strpad(type.id) == H5T_STR_SPACEPAD
    var bytes = [UInt8](repeating: 0, count: total)
    let code = bytes.withUnsafeMutableBytes { read(type.id, $0.baseAddress) }
    guard code >= 0 else { throw context.failure("read", label) }
    return (0..<count).map { index in
        var text = bytes[index * size..<(index + 1) * size].prefix { $0 != 0 }
        while isPaddedBySpaces, text.last == UInt8(ascii: " ") { text.removeLast() }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Most bytes that a piece of fixed-length texts may take in memory.
private let fixedTextBytesMax = 256 << 20
