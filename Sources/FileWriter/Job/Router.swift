import FlatBuffers
import NexusFile
import Observability
import Schemas

/// Takes records apart by schema and source, and hands them to the modules that asked for them.
struct Router {
    /// Modules by the name of their source, and those that take every source.
    private struct Table<Module: AnyObject> {
        private var every: [Module] = []
        private var named: [String: [Module]] = [:]

        var isEmpty: Bool { every.isEmpty && named.isEmpty }

        mutating func add(_ module: Module, source: String) {
            if source.isEmpty { every.append(module) } else { named[source, default: []].append(module) }
        }

        /// The only name is compared in place: detectors send many messages, and have few names.
        func modules(_ source: FlatVector<UInt8>) -> [Module] {
            if named.isEmpty { return every }
            if every.isEmpty, named.count == 1, let (name, modules) = named.first {
                return source.equals(name) ? modules : []
            }
            let found = named[source.text] ?? []
            return every.isEmpty ? found : found + every
        }
    }

    private struct Topic {
        var events = Table<EventModule>()
        var logs = Table<LogModule>()
        var pulses = Table<PulseModule>()
    }

    /// What became of a record.
    enum Outcome {
        /// Nobody asked for it, or it was written; with the number of events.
        case taken(events: Int)
        /// A module asked for it, and could not use it.
        case malformed(String)
    }

    /// The topics that any module reads, in a fixed order.
    let topics: [String]
    /// Those with logs, whose last value before the start counts.
    let logTopics: [String]
    private var tables: [Topic]

    init(_ structure: StructureBuilder) {
        var names: [String] = []
        var tables: [Topic] = []
        func index(_ topic: String) -> Int {
            if let index = names.firstIndex(of: topic) { return index }
            names.append(topic)
            tables.append(Topic())
            return names.count - 1
        }
        for (source, module) in structure.events { tables[index(source.topic)].events.add(module, source: source.name) }
        for (source, module) in structure.logs { tables[index(source.topic)].logs.add(module, source: source.name) }
        for (source, module) in structure.pulses { tables[index(source.topic)].pulses.add(module, source: source.name) }
        self.topics = names
        self.tables = tables
        logTopics = zip(names, tables).filter { !$0.1.logs.isEmpty }.map(\.0)
    }

    /// Hands on one record of the topic at `index` in `topics`.
    ///
    /// - Parameter recordMilliseconds: the record's own time, ms since the epoch.
    func accept(
        _ value: UnsafeRawBufferPointer, recordMilliseconds: Int64, topic index: Int, _ window: TimeWindow
    ) throws(NexusError) -> Outcome {
        let topic = tables[index]
        guard value.count >= 8 else { return .malformed("a message of \(value.count) bytes has no schema") }
        switch value.loadUnaligned(fromByteOffset: 4, as: UInt32.self) {
        case Self.ev44 where !topic.events.isEmpty:
            return try read(value) { (message: EV44) throws(NexusError) in
                try events(message, topic.events, window)
            }
        case Self.f144 where !topic.logs.isEmpty:
            return try read(value) { (message: F144) throws(NexusError) in
                for module in topic.logs.modules(message.sourceNameBytes) {
                    guard try module.accept(message, recordMilliseconds: recordMilliseconds, window) else {
                        return .malformed("f144 of \(message.sourceName) holds an array, which a log cannot")
                    }
                }
                return .taken(events: 0)
            }
        case Self.al00 where !topic.logs.isEmpty:
            return try read(value) { (message: AL00) throws(NexusError) in
                guard let source = message.sourceNameBytes else { return .malformed("al00 without a source") }
                for module in topic.logs.modules(source) { try module.accept(message, window) }
                return .taken(events: 0)
            }
        case Self.ep01 where !topic.logs.isEmpty:
            return try read(value) { (message: EP01) throws(NexusError) in
                for module in topic.logs.modules(message.sourceNameBytes) { try module.accept(message, window) }
                return .taken(events: 0)
            }
        case Self.pu00 where !topic.pulses.isEmpty:
            return try read(value) { (message: PU00) throws(NexusError) in
                for module in topic.pulses.modules(message.sourceNameBytes) { try module.accept(message, window) }
                return .taken(events: 0)
            }
        default: return .taken(events: 0)
        }
    }

    private func events(
        _ message: EV44, _ table: Table<EventModule>, _ window: TimeWindow
    ) throws(NexusError) -> Outcome {
        let modules = table.modules(message.sourceNameBytes)
        guard !modules.isEmpty else { return .taken(events: 0) }
        guard EventModule.isConsistent(message) else {
            return .malformed("ev44 of \(message.sourceName): the lengths or indexes of its vectors do not fit")
        }
        var count = 0
        for module in modules { count += try module.accept(message, window) }
        return .taken(events: count)
    }

    private func read<View: SchemaView>(
        _ value: UnsafeRawBufferPointer, _ use: (View) throws(NexusError) -> Outcome
    ) throws(NexusError) -> Outcome {
        let view: View
        do throws(SchemaError) {
            view = try View(value)
        } catch {
            return .malformed(error.description)
        }
        return try use(view)
    }

    private static let ev44 = identifier("ev44"), f144 = identifier("f144"), al00 = identifier("al00")
    private static let ep01 = identifier("ep01"), pu00 = identifier("pu00")

    /// The four characters as they are loaded from a message.
    private static func identifier(_ name: StaticString) -> UInt32 {
        UnsafeRawPointer(name.utf8Start).loadUnaligned(as: UInt32.self)
    }
}
