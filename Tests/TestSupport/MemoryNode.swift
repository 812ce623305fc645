/// A file or directory of `MemoryFileSystem`: what a process sees, and what the disk has of it.
final class MemoryNode {
    /// A change of a file that was not synced.
    private enum Change {
        case write(position: Int, [UInt8])
        case truncate(Int)
    }

    /// Bytes that reach the disk together or not at all.
    private static let sectorBytes = 4096

    /// A file's contents.
    private(set) var storage: [UInt8] = []
    private var durableBytes: [UInt8] = []
    private var changes: [Change] = []
    /// A directory's names; nil for a file.
    private(set) var entries: [String: MemoryNode]?
    private var durableEntries: [String: MemoryNode] = [:]
    /// What each change of names since the last sync did: a removed name has no node.
    private var nameChanges: [[String: MemoryNode?]] = []
    var isLocked = false
    /// Behind the last byte that the disk has room for.
    private(set) var reserved = 0
    /// When the contents last changed, ms since the epoch.
    var modified: Int64 = 0
    /// When it was made, ms since the epoch.
    var created: Int64 = 0

    init(directory: Bool) { entries = directory ? [:] : nil }

    /// A file's contents as a process sees them.
    var bytes: [UInt8] {
        _read { yield storage }
        _modify { yield &storage }
    }

    /// Whether the disk has all of it.
    var isDurable: Bool { changes.isEmpty && nameChanges.isEmpty }

    func each(_ body: (MemoryNode) -> Void) {
        body(self)
        for child in (entries ?? [:]).values { child.each(body) }
    }

    // MARK: - Changes

    func write(_ bytes: UnsafeRawBufferPointer, at position: Int) {
        Self.write(bytes, at: position, in: &storage)
        changes.append(.write(position: position, Array(bytes)))
    }

    func reserve(to end: Int) { reserved = max(reserved, end) }

    func truncate(to size: Int) {
        reserved = 0
        Self.truncate(&storage, to: size)
        changes.append(.truncate(size))
    }

    func change(_ body: (inout [String: MemoryNode]) -> Void) {
        guard var names = entries else { return }
        body(&names)
        let before = entries ?? [:]
        entries = names
        var change: [String: MemoryNode?] = [:]
        for name in Set(before.keys).union(names.keys) where before[name] !== names[name] {
            change.updateValue(names[name], forKey: name)
        }
        nameChanges.append(change)
    }

    /// What was changed since the last sync, and not forgotten, is on the disk.
    func makeDurable() {
        for change in changes { Self.apply(change, &durableBytes) }
        changes.removeAll()
        durableEntries = entries ?? [:]
        nameChanges.removeAll()
    }

    /// The contents are on the disk as they are.
    func settle() {
        durableBytes = storage
        changes.removeAll()
        makeDurable()
    }

    /// The process goes on seeing its changes, but the disk will never have them, whatever is synced later.
    func forgetUnsynced() { changes.removeAll() }

    private static func write(_ bytes: UnsafeRawBufferPointer, at position: Int, in storage: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        if position == storage.count {
            storage.append(contentsOf: bytes)
            return
        }
        let end = position + bytes.count
        if end > storage.count { storage += [UInt8](repeating: 0, count: end - storage.count) }
        storage.withUnsafeMutableBytes { target in
            UnsafeMutableRawBufferPointer(rebasing: target[position..<end]).copyMemory(from: bytes)
        }
    }

    private static func truncate(_ storage: inout [UInt8], to size: Int) {
        if size <= storage.count {
            storage.removeLast(storage.count - size)
        } else {
            storage += [UInt8](repeating: 0, count: size - storage.count)
        }
    }

    // MARK: - Losing power

    func crash(_ loss: MemoryFileSystem.Loss, _ random: inout SplitMix) {
        guard entries == nil else {
            if !nameChanges.isEmpty {
                let kept = loss == .all ? 0 : Int.random(in: 0...nameChanges.count, using: &random)
                var names = durableEntries
                for change in nameChanges[..<kept] where loss != .reordered || Int.random(in: 0..<4, using: &random) > 0
                {
                    for (name, node) in change { names[name] = node }
                }
                entries = names
            }
            settle()
            for (_, child) in (entries ?? [:]).sorted(by: { $0.key < $1.key }) { child.crash(loss, &random) }
            return
        }
        if !changes.isEmpty { storage = survivors(loss, &random) } else { storage = durableBytes }
        settle()
    }

    private func survivors(_ loss: MemoryFileSystem.Loss, _ random: inout SplitMix) -> [UInt8] {
        var kept = durableBytes
        guard loss != .all else { return kept }
        let whole = Int.random(in: 0...changes.count, using: &random)
        for change in changes[..<whole] {
            if loss == .reordered { applySectors(change, &kept, &random) } else { Self.apply(change, &kept) }
        }
        if loss == .torn || loss == .zeroed, whole < changes.count,
            case .write(let position, let bytes) = changes[whole]
        {
            let count = Int.random(in: 0...bytes.count, using: &random)
            bytes.withUnsafeBytes {
                Self.write(UnsafeRawBufferPointer(rebasing: $0[..<count]), at: position, in: &kept)
            }
        }
        if loss == .zeroed, storage.count > kept.count { Self.truncate(&kept, to: storage.count) }
        return kept
    }

    private static func apply(_ change: Change, _ kept: inout [UInt8]) {
        switch change {
        case .truncate(let size): truncate(&kept, to: size)
        case .write(let position, let bytes): bytes.withUnsafeBytes { write($0, at: position, in: &kept) }
        }
    }

    /// The size of the file is as after the change, but only some sectors of the data are there.
    private func applySectors(_ change: Change, _ kept: inout [UInt8], _ random: inout SplitMix) {
        guard case .write(let position, let bytes) = change else { return Self.apply(change, &kept) }
        if position + bytes.count > kept.count { Self.truncate(&kept, to: position + bytes.count) }
        var start = position
        while start < position + bytes.count {
            let end = min((start / Self.sectorBytes + 1) * Self.sectorBytes, position + bytes.count)
            if Int.random(in: 0..<4, using: &random) > 0 {
                bytes.withUnsafeBytes {
                    Self.write(
                        UnsafeRawBufferPointer(rebasing: $0[start - position..<end - position]), at: start, in: &kept)
                }
            }
            start = end
        }
    }
}
