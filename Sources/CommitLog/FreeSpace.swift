import Synchronization
import System

/// Keeps a reserve on the disk: appends are refused before the file system is full.
final class FreeSpace: Sendable {
    private struct State: Sendable {
        var freeBytes: Int64 = 0
        var checkedNanoseconds: UInt64 = 0
        var isKnown = false
    }

    /// The file system is asked at least this often while there are appends.
    private static let refreshNanoseconds: UInt64 = 1_000_000_000

    private let fileSystem: any FileSystem
    private let clock: any Clock
    private let path: String
    private let minimumBytes: Int64
    private let state = Mutex(State())

    init(_ fileSystem: any FileSystem, _ clock: any Clock, path: String, minimumBytes: Int64) {
        self.fileSystem = fileSystem
        self.clock = clock
        self.path = path
        self.minimumBytes = minimumBytes
    }

    /// Bytes that are free now.
    func measure() throws(LogError) -> Int64 {
        let free = try storing { () throws(SystemError) in try fileSystem.space(path).free }
        let now = clock.monotonicNanoseconds
        state.withLock { $0 = State(freeBytes: free, checkedNanoseconds: now, isKnown: true) }
        return free
    }

    /// Whether so much may be set aside for later: as much again stays free above the reserve.
    func hasRoom(for count: Int64) -> Bool {
        state.withLock { $0.isKnown && $0.freeBytes - 2 * count >= minimumBytes }
    }

    /// Throws when writing `count` bytes would eat into the reserve.
    func admit(_ count: Int) throws(LogError) {
        let now = clock.monotonicNanoseconds
        let free: Int64? = state.withLock { state in
            let isFresh = state.isKnown && now - state.checkedNanoseconds < Self.refreshNanoseconds
            if !isFresh || state.freeBytes - Int64(count) < minimumBytes {
                guard let space = try? fileSystem.space(path) else { return nil }
                state = State(freeBytes: space.free, checkedNanoseconds: now, isKnown: true)
            }
            guard state.freeBytes - Int64(count) >= minimumBytes else { return state.freeBytes }
            state.freeBytes -= Int64(count)
            return nil
        }
        if let free { throw .storageFull(path: path, freeBytes: free, minimumFreeBytes: minimumBytes) }
    }
}
