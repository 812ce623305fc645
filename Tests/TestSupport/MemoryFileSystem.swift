import Glibc
import Synchronization
import System

/// A file system in memory that forgets what was not synced when the power goes, and fails when it is told to.
///
/// File contents survive a power cut as of the last `syncData`, names as of the last `syncDirectory` of their directory.
/// Of what came later, a power cut keeps what `Loss` says.
public final class MemoryFileSystem: FileSystem {
    /// What a power cut does to changes that were not synced.
    public enum Loss: CaseIterable, Sendable {
        /// Gone, every one.
        case all
        /// A part of the writes is there, in order, the last one maybe torn.
        case torn
        /// As torn, and the missing part of a file reads as zeros.
        case zeroed
        /// Each sector of each write is there or reads as before, whatever became of the others; the same of each change
        /// of names.
        case reordered
    }

    /// What the file system says that it has done and has not: a test that does not find that out proves nothing.
    public enum Lie: CaseIterable, Sendable {
        /// File contents are not on the disk.
        case fileSyncs
        /// Names are not on the disk.
        case directorySyncs
        /// Files are not cut.
        case truncations
    }

    fileprivate struct State: @unchecked Sendable {
        // Unchecked: nodes are reached only through the state, under its lock.
        let root = MemoryNode(directory: true)
        var generation = 0
        var changes = FaultCounter()
        var reads = FaultCounter()
        var free: Int64 = 1 << 40
        /// What all files together may hold, if `free` depends on them.
        var capacity: Int64?
        var lie: Lie?
        var duringSync: (@Sendable () -> Void)?
    }

    /// Counts operations, and lets those with certain numbers fail.
    fileprivate struct FaultCounter: Sendable {
        var count = 0
        var failing: Range<Int> = 0..<0
        var code: Int32 = EIO

        mutating func next() -> Bool {
            count += 1
            return failing.contains(count)
        }
    }

    private let state = Mutex(State())
    private let clock: any Clock

    /// An empty file system whose files carry the times of `clock`.
    public init(clock: any Clock) { self.clock = clock }

    /// Changes so far: what `fail` counts.
    public var operations: Int { state.withLock { $0.changes.count } }
    /// Reads of file contents so far: what `failReads` counts.
    public var readOperations: Int { state.withLock { $0.reads.count } }

    /// Lets the changes with these numbers fail; a write leaves a part behind, a failed sync loses what it was to save.
    public func fail(_ numbers: Range<Int>, code: Int32) {
        state.withLock { ($0.changes.failing, $0.changes.code) = (numbers, code) }
    }

    /// Lets the reads with these numbers fail.
    public func failReads(_ numbers: Range<Int>, code: Int32 = EIO) {
        state.withLock { ($0.reads.failing, $0.reads.code) = (numbers, code) }
    }

    /// The file system as a process sees that `kill` and `cutPower` end.
    public func process() -> MemoryProcess { MemoryProcess(self, generation) }

    fileprivate var generation: Int { state.withLock { $0.generation } }

    /// From now on lies about one thing.
    public func tell(_ lie: Lie) { state.withLock { $0.lie = lie } }

    /// Lets all files together hold so many bytes; `space` tells what is left.
    public func setCapacity(_ bytes: Int64) { state.withLock { $0.capacity = bytes } }

    /// Calls `body` once, when the contents of a file are about to be synced.
    public func duringNextSync(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.duringSync = body } }

    fileprivate func sync() {
        let body = state.withLock { state in
            defer { state.duringSync = nil }
            return state.duringSync
        }
        body?()
    }

    /// Sets what `space` says.
    public func setFree(_ bytes: Int64) { state.withLock { $0.free = bytes } }

    /// The process is gone: its files are closed, its locks free, everything written is there.
    public func kill() {
        state.withLock { state in
            state.generation += 1
            state.root.each { $0.isLocked = false }
        }
    }

    /// The power is gone.
    public func cutPower(_ loss: Loss, _ generator: inout SplitMix) {
        kill()
        var random = generator
        state.withLock { $0.root.crash(loss, &random) }
        generator = random
    }

    /// Changes one bit of a file on the disk, as a failing disk does.
    public func flip(_ path: String, bit: Int) {
        state.withLock { state in
            guard let node = Self.find(state.root, path), bit / 8 < node.bytes.count else { return }
            // A file with unsynced writes has two contents.
            guard node.isDurable else { return }
            node.bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            node.settle()
        }
    }

    /// Bytes of room that a file has, used and set aside.
    public func room(_ path: String) -> Int {
        state.withLock { state in Self.find(state.root, path).map { max($0.bytes.count, $0.reserved) } ?? 0 }
    }

    /// The paths of all files below a directory, sorted.
    public func files(under path: String) -> [String] {
        state.withLock { state in
            var found: [String] = []
            func walk(_ node: MemoryNode, _ path: String) {
                guard let entries = node.entries else {
                    found.append(path)
                    return
                }
                for (name, child) in entries { walk(child, path + "/" + name) }
            }
            if let node = Self.find(state.root, path) { walk(node, path) }
            return found.sorted()
        }
    }

    /// Runs an operation on the tree.
    fileprivate func run<R: Sendable>(
        _ operation: String, _ path: String, changes: Bool = false, reads: Bool = false, generation: Int? = nil,
        _ body: (inout State, _ fault: Bool) throws(SystemError) -> R
    ) throws(SystemError) -> R {
        try state.withLock { (state) throws(SystemError) -> R in
            if let generation, generation != state.generation { throw SystemError(operation, path, code: EBADF) }
            if reads && state.reads.next() { throw SystemError(operation, path, code: state.reads.code) }
            let fault = changes && state.changes.next()
            let result = try body(&state, fault)
            if fault { throw SystemError(operation, path, code: state.changes.code) }
            return result
        }
    }

    // MARK: - FileSystem

    private static func find(_ root: MemoryNode, _ path: String) -> MemoryNode? {
        var node = root
        for part in path.split(separator: "/") {
            guard let child = node.entries?[String(part)] else { return nil }
            node = child
        }
        return node
    }

    private static func parent(_ root: MemoryNode, _ path: String) throws(SystemError) -> (MemoryNode, String) {
        var node = root
        let parts = path.split(separator: "/")
        for part in parts.dropLast() {
            guard let child = node.entries?[String(part)] else { throw SystemError("open", path, code: ENOENT) }
            node = child
        }
        guard node.entries != nil, let name = parts.last else { throw SystemError("open", path, code: ENOENT) }
        return (node, String(name))
    }

    public func open(_ path: String, _ access: FileAccess) throws(SystemError) -> any File {
        let creates = access == .create || access == .createNew
        let isThere = exists(path)
        let opened = try run("open", path, changes: creates && !isThere) { (state, fault) throws(SystemError) in
            let (parent, name) = try Self.parent(state.root, path)
            if let node = parent.entries?[name] {
                if access == .createNew { throw SystemError("open", path, code: EEXIST) }
                if node.entries != nil { throw SystemError("open", path, code: EISDIR) }
                return (Reference(node), state.generation)
            }
            guard creates else { throw SystemError("open", path, code: ENOENT) }
            let node = MemoryNode(directory: false)
            node.modified = clock.wallMilliseconds
            node.created = clock.wallMilliseconds
            if !fault { parent.change { $0[name] = node } }
            return (Reference(node), state.generation)
        }
        return MemoryFile(self, path, opened.0, opened.1)
    }

    fileprivate struct Reference: @unchecked Sendable {
        // Unchecked: used only under the file system's lock.
        let node: MemoryNode
        init(_ node: MemoryNode) { self.node = node }
    }

    public func createDirectory(_ path: String) throws(SystemError) {
        var whole = ""
        for part in path.split(separator: "/") {
            whole += "/" + part
            if exists(whole) { continue }
            let made = whole
            try run("mkdir", made, changes: true) { (state, fault) throws(SystemError) in
                let (parent, name) = try Self.parent(state.root, made)
                if !fault { parent.change { $0[name] = MemoryNode(directory: true) } }
            }
        }
    }

    public func list(_ path: String) throws(SystemError) -> [String] {
        try run("opendir", path) { (state, _) throws(SystemError) in
            guard let entries = Self.find(state.root, path)?.entries else {
                throw SystemError("opendir", path, code: ENOENT)
            }
            return entries.keys.sorted()
        }
    }

    public func exists(_ path: String) -> Bool { state.withLock { Self.find($0.root, path) != nil } }

    public func remove(_ path: String) throws(SystemError) {
        try run("unlink", path, changes: true) { (state, fault) throws(SystemError) in
            let (parent, name) = try Self.parent(state.root, path)
            guard parent.entries?[name] != nil else { throw SystemError("unlink", path, code: ENOENT) }
            if !fault { parent.change { $0[name] = nil } }
        }
    }

    public func removeDirectory(_ path: String) throws(SystemError) { try remove(path) }

    public func rename(_ source: String, to target: String) throws(SystemError) {
        try run("rename", source, changes: true) { (state, fault) throws(SystemError) in
            let (from, old) = try Self.parent(state.root, source)
            let (to, new) = try Self.parent(state.root, target)
            guard let node = from.entries?[old] else { throw SystemError("rename", source, code: ENOENT) }
            guard !fault else { return }
            guard from === to else { throw SystemError("rename", source, code: EXDEV) }
            from.change { entries in
                entries[old] = nil
                entries[new] = node
            }
        }
    }

    public func syncDirectory(_ path: String) throws(SystemError) {
        try run("fsync", path, changes: true) { (state, fault) throws(SystemError) in
            guard let node = Self.find(state.root, path), node.entries != nil else {
                throw SystemError("fsync", path, code: ENOENT)
            }
            if !fault && state.lie != .directorySyncs { node.makeDurable() }
        }
    }

    public func space(_ path: String) throws(SystemError) -> (free: Int64, total: Int64) {
        state.withLock { state in
            guard let capacity = state.capacity else { return (state.free, 1 << 40) }
            var used: Int64 = 0
            state.root.each { used += Int64(max($0.bytes.count, $0.reserved)) }
            return (max(0, capacity - used), capacity)
        }
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

        deinit { unlock() }

        func size() throws(SystemError) -> Int64 {
            try system.run("fstat", path, generation: generation) { (_, _) in Int64(reference.node.bytes.count) }
        }

        func modifiedMilliseconds() throws(SystemError) -> Int64 {
            try system.run("fstat", path, generation: generation) { (_, _) in reference.node.modified }
        }

        func setModified(milliseconds: Int64) throws(SystemError) {
            try system.run("futimens", path, generation: generation) { (_, _) in reference.node.modified = milliseconds
            }
        }

        func createdMilliseconds() throws(SystemError) -> Int64 {
            try system.run("statx", path, generation: generation) { (_, _) in reference.node.created }
        }

        func read(into bytes: UnsafeMutableRawBufferPointer, at position: Int64) throws(SystemError) -> Int {
            try system.run("pread", path, reads: true, generation: generation) { (_, _) in
                reference.node.bytes.withUnsafeBytes { all in
                    guard position < all.count else { return 0 }
                    let count = min(bytes.count, all.count - Int(position))
                    bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: all[Int(position)..<Int(position) + count]))
                    return count
                }
            }
        }

        func write(_ bytes: UnsafeRawBufferPointer, at position: Int64) throws(SystemError) {
            try system.run("pwrite", path, changes: true, generation: generation) { (state, fault) in
                // A write that fails has written any part of it before, but not all. What is missing is more than the zeros
                // at the end of a batch: with those it would be whole as soon as the file grows.
                let count = fault ? state.changes.count * 7919 % max(1, bytes.count - 16) : bytes.count
                let part = UnsafeRawBufferPointer(rebasing: bytes[..<count])
                reference.node.write(part, at: Int(position))
                reference.node.modified = system.clock.wallMilliseconds
            }
        }

        func reserve(_ count: Int64, at position: Int64) throws(SystemError) {
            try system.run("fallocate", path, changes: true, generation: generation) { (_, fault) in
                if !fault { reference.node.reserve(to: Int(position + count)) }
            }
        }

        func truncate(to size: Int64) throws(SystemError) {
            try system.run("ftruncate", path, changes: true, generation: generation) { (state, fault) in
                if !fault && state.lie != .truncations { reference.node.truncate(to: Int(size)) }
            }
        }

        func syncData() throws(SystemError) {
            system.sync()
            try system.run("fdatasync", path, changes: true, generation: generation) { (state, fault) in
                if state.lie == .fileSyncs { return }
                // After a failed sync the kernel calls the pages clean: they are never written again.
                if fault { reference.node.forgetUnsynced() } else { reference.node.makeDurable() }
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

        func unlock() {
            let held = holdsLock.withLock { held in
                defer { held = false }
                return held
            }
            guard held else { return }
            try? system.run("close", path, generation: generation) { (_, _) in reference.node.isLocked = false }
        }
    }
}

/// What one process sees of a `MemoryFileSystem`: when it was killed, its threads may run on, but change nothing more.
public struct MemoryProcess: FileSystem {
    private let system: MemoryFileSystem
    private let generation: Int

    fileprivate init(_ system: MemoryFileSystem, _ generation: Int) {
        self.system = system
        self.generation = generation
    }

    private func check(_ operation: String, _ path: String) throws(SystemError) {
        guard system.generation == generation else { throw SystemError(operation, path, code: EBADF) }
    }

    public func open(_ path: String, _ access: FileAccess) throws(SystemError) -> any File {
        try check("open", path)
        return try system.open(path, access)
    }

    public func createDirectory(_ path: String) throws(SystemError) {
        try check("mkdir", path)
        try system.createDirectory(path)
    }

    public func list(_ path: String) throws(SystemError) -> [String] {
        try check("opendir", path)
        return try system.list(path)
    }

    public func exists(_ path: String) -> Bool { system.exists(path) }

    public func remove(_ path: String) throws(SystemError) {
        try check("unlink", path)
        try system.remove(path)
    }

    public func removeDirectory(_ path: String) throws(SystemError) { try remove(path) }

    public func rename(_ source: String, to target: String) throws(SystemError) {
        try check("rename", source)
        try system.rename(source, to: target)
    }

    public func syncDirectory(_ path: String) throws(SystemError) {
        try check("fsync", path)
        try system.syncDirectory(path)
    }

    public func space(_ path: String) throws(SystemError) -> (free: Int64, total: Int64) { try system.space(path) }
}
