import NexusFile
import Streams
import System

/// Why a file could not be written.
public struct FileWriterError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failure, which decide the reply and whether another attempt makes sense.
    public enum Code: Sendable, Equatable {
        /// The command is not usable as it is (answered with 400).
        case rejected
        /// The structure is not usable (500).
        case structure
        /// The broker or the network (500, tried again).
        case stream
        /// The disk or the HDF5 library (500).
        case file
        /// What was read back from the finished file is not what was written (500, tried again).
        case verification
        /// The process of the job ended without a word (500, tried again).
        case crashed
        /// Data behind the run's stop were written before the stop was known; the job begins again by itself.
        case outrun
        /// The job was told to end early; its file stays partial, and the job can be started again.
        case interrupted
    }

    /// The kind of failure.
    public let code: Code
    /// What failed, where and why.
    public let message: String

    /// A failure of one kind with its text.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    init(_ error: NexusError) { self.init(.file, error.description) }
    init(_ error: StreamError) { self.init(.stream, error.description) }
    init(_ error: SystemError) { self.init(.file, error.description) }

    public var description: String { message }

    /// Whether writing the file again from the log may succeed.
    var canRetry: Bool {
        switch code {
        case .stream, .verification, .crashed: true
        case .rejected, .structure, .file, .outrun, .interrupted: false
        }
    }
}

/// Runs `body` and turns its failure into a `FileWriterError`.
func nexus<R>(_ body: () throws(NexusError) -> R) throws(FileWriterError) -> R {
    do throws(NexusError) {
        return try body()
    } catch {
        throw FileWriterError(error)
    }
}

/// Runs `body` and turns its failure into a `FileWriterError`.
func stream<R>(_ body: () throws(StreamError) -> R) throws(FileWriterError) -> R {
    do throws(StreamError) {
        return try body()
    } catch {
        throw FileWriterError(error)
    }
}

/// Runs `body` and turns its failure into a `FileWriterError`.
func system<R>(_ body: () throws(SystemError) -> R) throws(FileWriterError) -> R {
    do throws(SystemError) {
        return try body()
    } catch {
        throw FileWriterError(error)
    }
}
