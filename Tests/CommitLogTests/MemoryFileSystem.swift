import Glibc
import Synchronization
import System
import TestSupport

/// A file system in memory that forgets what was not synced when the power goes, and fails when it is told to.
///
/// File contents survive a power cut as of the last `syncData`, names as of the last `syncDirectory` of their directory.
final class MemoryFileSystem: FileSystem {
    /// What a power cut does to changes that were not synced.
    enum Loss: CaseIterable {
        /// Gone, every one.
        case all
        /// A part of the writes is there, in order, the last one maybe torn; names may be there or not.
        case torn
        /// As torn, and the missing part of a file reads as zeros.
        case zeroed
    }

    fileprivate final class Node {
        var bytes: [UInt8] = []
        var durableBytes: [UInt8] = []
        /// Contents after each change since the last sync.
        var versions: [[UInt8]] = []
        var entries: [String: Node]?
        var durableEntries: [String: Node] = [:]
        var isLocked = false
        var modified: Int64 = 0

        init(directory: Bool) { entries = directory ? [:] : nil }
    }

    fileprivate struct State: @unchecked Sendable {
        // Unchecked: nodes are reached only through the state, under its lock.
        let root = Node(directory: true)
        var generation = 0
        var operations = 0
        var failing: Range<Int> = 0..<0
        var code: Int32 = EIO
        var free: Int64 = 1 << 40
    }

    private let state = Mutex(State())
    private let clock: any Clock

    init(clock: any Clock) { self.clock = clock }

    /// Changes so far: what `fail` counts.
    var operations: Int { state.withLock { $0.operations } }
    /// Lets the changes with these numbers fail; a write leaves a part behind, a failed sync loses what it was to save.
    func fail(_ numbers: Range<Int>, code: Int32) { state.withLock { ($0.failing, $0.code) = (numbers, code) } }
    /// Sets what `space` says.
    func setFree(_ bytes: Int64) { state.withLock { $0.free = bytes } }

    /// The process is gone: its files are closed, its locks free, everything written is there.
    func kill() {
        state.withLock { state in
            state.generation += 1
            Self.each(state.root) { $0.isLocked = false }
        }
    }

    /// The power is gone.
    func cutPower(_ loss: Loss, _ generator: inout SplitMix) {
        kill()
        var random = generator
        state.withLock { state in
            Self.crash(state.root, loss, &random)
        }
        generator = random
    }

    private static func each(_ node: Node, _ body: (Node) -> Void) {
        body(node)
        for child in (node.entries ?? [:]).values { each(child, body) }
    }

    private static func crash(_ node: Node, _ loss: Loss, _ random: inout SplitMix) {
        if node.entries != nil {
            if loss == .all || Bool.random(using: &random) { node.entries = node.durableEntries }
            node.durableEntries = node.entries ?? [:]
            for (_, child) in (node.entries ?? [:]).sorted(by: { $0.key < $1.key }) { crash(child, loss, &random) }
            return
        }
        var survived = node.durableBytes
        if loss != .all, !node.versions.isEmpty {
            let count = Int.random(in: 0...node.versions.count, using: &random)
            let whole = count == 0 ? node.durableBytes : node.versions[count - 1]
            let next = count < node.versions.count ? node.versions[count] : whole
            survived = whole
            if next.count > whole.count {
                survived += next[whole.count..<Int.random(in: whole.count...next.count, using: &random)]
            }
            if loss == .zeroed { survived += [UInt8](repeating: 0, count: max(0, node.bytes.count - survived.count)) }
        }
        node.bytes = survived
        node.durableBytes = survived
        node.versions = []
    }

    /// Runs an operation on the tree.
    fileprivate func run<R: Sendable>(
        _ operation: String, _ path: String, changes: Bool = false, generation: Int? = nil,
        _ body: (inout State, _ fault: Bool) throws(SystemError) -> R
    ) throws(SystemError) -> R {
        try state.withLock { (state) throws(SystemError) -> R in
            if let generation, generation != state.generation { throw SystemError(operation, path, code: EBADF) }
            if changes { state.operations += 1 }
            let fault = changes && state.failing.contains(state.operations)
            let result = try body(&state, fault)
            if fault { throw SystemError(operation, path, code: state.code) }
            return result
        }
    }

    // MARK: - FileSystem

    private static func find(_ root: Node, _ path: String) -> Node? {
        var node = root
        for part in path.split(separator: "/") {
            guard let child = node.entries?[String(part)] else { return nil }
            node = child
        }
        return node
    }

    private static func parent(_ root: Node, _ path: String) throws(SystemError) -> (Node, String) {
        let parts = path.split(separator: "/").map(String.init)
        guard let node = find(root, parts.dropLast().joined(separator: "/")), node.entries != nil,
            let name = parts.last
        else { throw SystemError("open", path, code: ENOENT) }
        return (node, name)
    }

    func open(_ path: String, _ access: FileAccess) throws(SystemError) -> any File {
        let creates = access == .create || access == .createNew
        let isThere = exists(path)
        let generation = try run("open", path, changes: creates && !isThere) { (state, fault) throws(SystemError) in
            let (parent, name) = try Self.parent(state.root, path)
            if let node = parent.entries?[name] {
                if access == .createNew { throw SystemError("open", path, code: EEXIST) }
                if node.entries != nil { throw SystemError("open", path, code: EISDIR) }
            } else {
                guard creates else { throw SystemError("open", path, code: ENOENT) }
                if !fault {
                    let node = Node(directory: false)
                    node.modified = clock.wallMilliseconds
                    parent.entries?[name] = node
                }
            }
            return state.generation
        }
        let node = state.withLock { state in Reference(Self.find(state.root, path)!) }
        return MemoryFile(self, path, node, generation)
    }

    fileprivate struct Reference: @unchecked Sendable {
        // Unchecked: used only under the file system's lock.
        let node: Node
        init(_ node: Node) { self.node = node }
    }

    func createDirectory(_ path: String) throws(SystemError) {
        var whole = ""
        for part in path.split(separator: "/") {
            whole += "/" + part
            if exists(whole) { continue }
            let made = whole
            try run("mkdir", made, changes: true) { (state, fault) throws(SystemError) in
                let (parent, name) = try Self.parent(state.root, made)
                if !fault { parent.entries?[name] = Node(directory: true) }
            }
        }
    }

    func list(_ path: String) throws(SystemError) -> [String] {
        try run("opendir", path) { (state, _) throws(SystemError) in
            guard let entries = Self.find(state.root, path)?.entries else {
                throw SystemError("opendir", path, code: ENOENT)
            }
            return entries.keys.sorted()
        }
    }

    func exists(_ path: String) -> Bool { state.withLock { Self.find($0.root, path) != nil } }

    func remove(_ path: String) throws(SystemError) {
        try run("unlink", path, changes: true) { (state, fault) throws(SystemError) in
            let (parent, name) = try Self.parent(state.root, path)
            guard parent.entries?[name] != nil else { throw SystemError("unlink", path, code: ENOENT) }
            if !fault { parent.entries?[name] = nil }
        }
    }

    func removeDirectory(_ path: String) throws(SystemError) { try remove(path) }

    func rename(_ source: String, to target: String) throws(SystemError) {
        try run("rename", source, changes: true) { (state, fault) throws(SystemError) in
            let (from, old) = try Self.parent(state.root, source)
            let (to, new) = try Self.parent(state.root, target)
            guard let node = from.entries?[old] else { throw SystemError("rename", source, code: ENOENT) }
            guard !fault else { return }
            from.entries?[old] = nil
            to.entries?[new] = node
        }
    }

    func syncDirectory(_ path: String) throws(SystemError) {
        try run("fsync", path, changes: true) { (state, fault) throws(SystemError) in
            guard let node = Self.find(state.root, path), let entries = node.entries else {
                throw SystemError("fsync", path, code: ENOENT)
            }
            if !fault { node.durableEntries = entries }
        }
    }

    func space(_ path: String) throws(SystemError) -> (free: Int64, total: Int64) {
        state.withLock { ($0.free, 1 << 40) }
    }

    private final class MemoryFile: File {
        let path: String
        let descriptor: Int32? = nil
        private let system: MemoryFileSystem
        private let reference: Reference
        private let generation: Int
        private let holdsLock = Mutex(false)

        init(_ system: MemoryFileSystem, _ path: String, _ reference: Reference, _ generation: Int) {
            self.system = system
            self.path = path
            self.reference = reference
            self.generation = generation
        }

        deinit {
            if holdsLock.withLock({ $0 }) {
                try? system.run("close", path, generation: generation) { (_, _) in reference.node.isLocked = false }
            }
        }

        func size() throws(SystemError) -> Int64 {
            try system.run("fstat", path, generation: generation) { (_, _) in Int64(reference.node.bytes.count) }
        }

        func modifiedMilliseconds() throws(SystemError) -> Int64 {
            try system.run("fstat", path, generation: generation) { (_, _) in reference.node.modified }
        }

        func read(into bytes: UnsafeMutableRawBufferPointer, at position: Int64) throws(SystemError) -> Int {
            try system.run("pread", path, generation: generation) { (_, _) in
                let all = reference.node.bytes
                guard position < all.count else { return 0 }
                let count = min(bytes.count, all.count - Int(position))
                bytes.copyBytes(from: all[Int(position)..<Int(position) + count])
                return count
            }
        }

        func write(_ bytes: UnsafeRawBufferPointer, at position: Int64) throws(SystemError) {
            try system.run("pwrite", path, changes: true, generation: generation) { (_, fault) in
                let node = reference.node
                let part = UnsafeRawBufferPointer(rebasing: bytes[..<(fault ? bytes.count / 2 : bytes.count)])
                let end = Int(position) + part.count
                if end > node.bytes.count {
                    node.bytes += [UInt8](repeating: 0, count: end - node.bytes.count)
                }
                node.bytes.replaceSubrange(Int(position)..<end, with: part)
                node.versions.append(node.bytes)
                node.modified = system.clock.wallMilliseconds
            }
        }

        func truncate(to size: Int64) throws(SystemError) {
            try system.run("ftruncate", path, changes: true, generation: generation) { (_, fault) in
                guard !fault else { return }
                let node = reference.node
                let count = Int(size)
                if count <= node.bytes.count {
                    node.bytes.removeLast(node.bytes.count - count)
                } else {
                    node.bytes += [UInt8](repeating: 0, count: count - node.bytes.count)
                }
                node.versions.append(node.bytes)
            }
        }

        func syncData() throws(SystemError) {
            try system.run("fdatasync", path, changes: true, generation: generation) { (_, fault) in
                // After a failed sync the kernel calls the pages clean: they are never written again.
                if !fault { reference.node.durableBytes = reference.node.bytes }
                reference.node.versions = []
            }
        }

        func tryLock() throws(SystemError) -> Bool {
            let locked = try system.run("flock", path, generation: generation) { (_, _) in
                if reference.node.isLocked { return false }
                reference.node.isLocked = true
                return true
            }
            if locked { holdsLock.withLock { $0 = true } }
            return locked
        }
    }
}
