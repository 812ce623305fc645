import NexusFile
import Schemas

/// Builds groups, constants and attributes of a NeXus structure, and the modules that streams will fill.
///
/// Understood are the nodes of kafka-to-nexus 4 and later (`type` group; `module` dataset, link, mdat, and writers) and
/// those of version 3 (`type` dataset, link, stream), which the ISIS run control still sends. A node that cannot be used
/// is noted and left out, together with what is below it; the rest is built.
struct StructureBuilder {
    /// A second name to be given to an object.
    struct Link {
        let group: NexusGroup
        let name: String
        let target: String
    }

    private(set) var events: [(source: StreamSource, module: EventModule)] = []
    private(set) var logs: [(source: StreamSource, module: LogModule)] = []
    private(set) var pulses: [(source: StreamSource, module: PulseModule)] = []
    private(set) var facts: [RunFacts.Request] = []
    private(set) var links: [Link] = []
    /// What could not be used.
    private(set) var problems = Problems()
    private var logIndexes: [String: Int] = [:]

    private init() {}

    /// Builds everything that `text` asks for below `root`; throws `structure` only when it is no JSON object, or when
    /// the file fails.
    static func build(_ text: String, into root: NexusGroup) throws(FileWriterError) -> StructureBuilder {
        let tree: JSONNode
        do {
            tree = try JSONParser.parse(text)
        } catch {
            throw FileWriterError(.structure, "nexus_structure is \(error)")
        }
        guard tree.members != nil else {
            throw FileWriterError(.structure, "nexus_structure is \(tree.kind) where an object is expected")
        }
        var builder = StructureBuilder()
        try builder.attempt("/") { (builder) throws(NexusError) in
            try builder.setAttributes(tree["attributes"], on: root)
            for name in ["dynamic_version", "template_version"] {
                if let version = tree[name]?.text { try root.setAttribute(name, version) }
            }
        }
        try builder.children(of: tree, in: root)
        return builder
    }

    /// Runs `body`; what it cannot use is noted, a failing file ends the building.
    private mutating func attempt(
        _ path: String, _ body: (inout StructureBuilder) throws(NexusError) -> Void
    ) throws(FileWriterError) {
        do throws(NexusError) {
            try body(&self)
        } catch {
            guard error.code != .library else { throw FileWriterError(error) }
            problems.note("structure at \(path): \(error.reason) (\(error.path))")
        }
    }

    // MARK: - Nodes

    private mutating func children(of node: JSONNode, in group: NexusGroup) throws(FileWriterError) {
        guard let children = node["children"] else { return }
        guard let list = children.list else {
            problems.note("structure at \(group.path): children is \(children.kind) where a list is expected")
            return
        }
        // A log takes its type from f144, wherever its alarms and connection states stand.
        for child in list where !Self.isCompanion(child) { try self.child(child, in: group) }
        for child in list where Self.isCompanion(child) { try self.child(child, in: group) }
    }

    private static func isCompanion(_ node: JSONNode) -> Bool {
        let module = node["module"]?.text ?? node["stream"]?["writer_module"]?.text
        return module == "al00" || module == "ep01"
    }

    private mutating func child(_ node: JSONNode, in group: NexusGroup) throws(FileWriterError) {
        guard node.members != nil else {
            problems.note("structure at \(group.path): a child is \(node.kind) where an object is expected")
            return
        }
        if node["repeat"] != nil {
            problems.note("structure at \(group.path): a repeated node was not expanded before the run was started")
            return
        }
        if let module = node["module"]?.text {
            try self.module(module, node["config"] ?? .object([]), node, in: group)
            return
        }
        switch node["type"]?.text {
        case "group": try self.group(node, in: group)
        case "dataset":
            try attempt(group.path) { (builder) throws(NexusError) in
                try builder.dataset(node, type: node["dataset"]?["type"], attributes: node["attributes"], in: group)
            }
        case "link": link(node["name"], node["target"] ?? node["source"], in: group)
        case "stream":
            let stream = node["stream"] ?? .object([])
            let module = stream["writer_module"]?.text ?? stream["module"]?.text ?? ""
            try self.module(module, stream, node, in: group)
        default:
            problems.note("structure at \(group.path): a node has neither a known type nor a module")
        }
    }

    private mutating func group(_ node: JSONNode, in parent: NexusGroup) throws(FileWriterError) {
        guard let name = node["name"]?.text else {
            problems.note("structure at \(parent.path): a group has no name")
            return
        }
        var made: NexusGroup?
        try attempt(parent.path) { (builder) throws(NexusError) in
            let group = parent.contains(name) ? try parent.group(name) : try parent.createGroup(name)
            made = group
            try builder.setAttributes(node["attributes"], on: group)
        }
        if let made { try children(of: node, in: made) }
    }

    private mutating func link(_ name: JSONNode?, _ target: JSONNode?, in group: NexusGroup) {
        guard let name = name?.text, let target = target?.text, !target.isEmpty else {
            problems.note("structure at \(group.path): a link needs a name and a source")
            return
        }
        links.append(Link(group: group, name: name, target: Self.resolve(target, from: group.path)))
    }

    /// The absolute path of `target` as seen from a group; `..` goes up and stays at the root.
    static func resolve(_ target: String, from base: String) -> String {
        var parts = target.utf8.first == UInt8(ascii: "/") ? [] : base.split(separator: "/")
        for part in target.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    // MARK: - Modules

    private mutating func module(
        _ name: String, _ config: JSONNode, _ node: JSONNode, in group: NexusGroup
    ) throws(FileWriterError) {
        try attempt(group.path) { (builder) throws(NexusError) in
            switch name {
            case "dataset":
                let type = config["type"] ?? config["dtype"]
                try builder.dataset(config, type: type, attributes: node["attributes"], in: group)
            case "link": builder.link(config["name"], config["source"] ?? config["target"], in: group)
            case "mdat": builder.facts(config, in: group)
            case "ev44", "f144", "pu00", "al00", "ep01":
                try builder.writer(name, config, in: group)
            default:
                let topic = config["topic"]?.text ?? "?", source = config["source"]?.text ?? "?"
                builder.problems.note(
                    "\(group.path): module \"\(name)\" is not known; topic \(topic), source \(source) is not written")
            }
        }
    }

    private mutating func facts(_ config: JSONNode, in group: NexusGroup) {
        let items = (config["items"]?.list ?? []).compactMap(\.text)
        for item in items where !RunFacts.items.contains(item) {
            problems.note("structure at \(group.path): mdat knows no \"\(item)\"")
        }
        facts.append(RunFacts.Request(group: group, items: items))
    }

    private mutating func writer(_ name: String, _ config: JSONNode, in group: NexusGroup) throws(NexusError) {
        guard let topic = config["topic"]?.text, !topic.isEmpty else {
            problems.note("\(group.path): module \(name) names no topic")
            return
        }
        let source = StreamSource(topic: topic, name: config["source"]?.text ?? "")
        switch name {
        case "ev44":
            try describe(group, "NXevent_data", name, source)
            events.append((source, try EventModule(group)))
        case "pu00":
            try describe(group, "NXcollection", name, source)
            pulses.append((source, PulseModule(group)))
        case "al00", "ep01":
            // Alarms and connection states come along with the values of their source.
            guard logIndexes[group.path] == nil else { return }
            try log("f144", config, source, in: group)
        default:
            try log(name, config, source, in: group)
        }
    }

    private mutating func log(
        _ name: String, _ config: JSONNode, _ source: StreamSource, in group: NexusGroup
    ) throws(NexusError) {
        if let index = logIndexes[group.path] {
            if logs[index].source != source {
                problems.note("\(group.path): holds the log of \(logs[index].source.name) already")
            }
            return
        }
        var type = NexusType.double
        if let word = (config["type"] ?? config["dtype"])?.text {
            if let known = NexusType(name: word), known != .string {
                type = known
            } else {
                problems.note("\(group.path): logs have no type \"\(word)\"; double is used")
            }
        }
        try describe(group, "NXlog", name, source)
        let units = (config["value_units"] ?? config["unit"] ?? config["units"])?.text ?? ""
        logs.append((source, try LogModule(group, source, type: type, units: units)))
        logIndexes[group.path] = logs.count - 1
    }

    /// Attributes of a group that a stream fills, unless the structure has set them.
    private func describe(
        _ group: NexusGroup, _ nexusClass: String, _ module: String, _ source: StreamSource
    ) throws(NexusError) {
        let attributes = [
            ("NX_class", nexusClass), ("topic", source.topic), ("source", source.name), ("writer_module", module),
        ]
        for (name, value) in attributes where try group.attribute(name) == nil {
            try group.setAttribute(name, value)
        }
    }

    // MARK: - Constants

    private mutating func dataset(
        _ config: JSONNode, type: JSONNode?, attributes: JSONNode?, in group: NexusGroup
    ) throws(NexusError) {
        guard let name = config["name"]?.text else {
            problems.note("structure at \(group.path): a dataset has no name")
            return
        }
        let label = group.path == "/" ? "/\(name)" : "\(group.path)/\(name)"
        guard let values = config["values"] ?? config["value"] else {
            problems.note("\(label): the dataset has no values")
            return
        }
        guard let constant = Constant(values, typeName: type?.text) else {
            problems.note("\(label): the values do not fit the type \(type?.text ?? "double")")
            return
        }
        try setAttributes(attributes, on: constant.write(group, name))
    }

    private mutating func setAttributes(_ node: JSONNode?, on object: NexusObject) throws(NexusError) {
        for attribute in ConstantAttribute.list(node) {
            guard let constant = Constant(attribute.values, typeName: attribute.typeName, infersIntegers: true) else {
                problems.note("\(object.path)@\(attribute.name): the values do not fit")
                continue
            }
            try constant.write(object, attribute: attribute.name)
        }
    }
}
