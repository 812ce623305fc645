// swift-tools-version: 6.3

// The module map of Sluice. Arrows point down only: a target may import what it names here and nothing else
// (`make build` passes --explicit-target-dependency-import-check error).

import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// A Swift module of ours, with its test module beside it.
func module(_ name: String, _ dependencies: [String]) -> [Target] {
    let own = dependencies.map { Target.Dependency(stringLiteral: $0) }
    let tests = own + (["TestSupport"] + (testDependencies[name] ?? [])).map { Target.Dependency(stringLiteral: $0) }
    return [
        .target(name: name, dependencies: own, exclude: ["README.md"], swiftSettings: strict),
        .testTarget(
            name: name + "Tests", dependencies: [Target.Dependency(stringLiteral: name)] + tests,
            exclude: testFiles[name] ?? [], swiftSettings: strict),
    ]
}

/// What a test module needs beyond its module's own dependencies and `TestSupport`.
let testDependencies: [String: [String]] = [
    // Both adapters pass the same suite.
    "Streams": ["Broker", "ClusterStreams", "Observability", "System"]
]

/// Files beside a module's tests that are not Swift: fixtures and scripts, read by path.
let testFiles: [String: [String]] = [
    "CommitLog": ["README.md"],
    "KafkaWire": ["vectors.py", "vectors.txt"],
    "Schemas": ["golden.json", "official_decode.py", "official_encode.py"],
]

/// A system library with its Debian package.
func library(_ name: String, _ pkgConfig: String, _ package: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

/// The libFuzzer targets, which exist only for `Tests/Fuzz/run.sh`: libFuzzer brings their `main`.
let fuzzTargets: [Target] =
    Context.environment["SLUICE_FUZZ"] == nil
    ? []
    : [
        ("FuzzRecordBatch", ["RecordBatch", "Compression", "Bytes"]), ("FuzzKafkaWire", ["KafkaWire", "Bytes"]),
        ("FuzzSchemas", ["Schemas", "FlatBuffers"]),
    ].map { name, dependencies in
        .executableTarget(
            name: name, dependencies: dependencies.map { .init(stringLiteral: $0) }, path: "Tests/Fuzz/\(name)",
            swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])])
    }

/// The targets that `SLUICE_MODULES="CommitLog Broker"` names, with their tests and all that these need: shorter builds
/// while one module is worked on. Without it, everything.
func chosen(_ targets: [Target]) -> [Target] {
    guard let words = Context.environment["SLUICE_MODULES"], !words.isEmpty else { return targets }
    let byName = Dictionary(uniqueKeysWithValues: targets.map { ($0.name, $0) })
    var wanted: Set<String> = []
    var pending = words.split(separator: " ").flatMap { ["\($0)", "\($0)Tests"] }
    while let name = pending.popLast() {
        guard let target = byName[name], wanted.insert(name).inserted else { continue }
        for case .byNameItem(let needed, _) in target.dependencies { pending.append(needed) }
    }
    return targets.filter { wanted.contains($0.name) }
}

let targets: [Target] =
    [
        // C: system calls that Swift cannot import, kernels, embedded files, configuration parser, libraries
        [
            .target(name: "CLinux"),
            .target(name: "CKernels"),
            .target(
                name: "CAssets", exclude: ["README.md", "files"], cSettings: [.unsafeFlags(["-Wno-c23-extensions"])]),
            .target(name: "CToml"),
            // Not linked with libhdf5 and librdkafka, which they load when a file is first opened, a cluster spoken to.
            .target(name: "CHDF5"),
            .target(name: "CRdKafka"),
            library("CZlib", "zlib", "zlib1g-dev"),
            library("CSnappy", "snappy", "libsnappy-dev"),
            library("CLZ4", "liblz4", "liblz4-dev"),
            library("CZstd", "libzstd", "libzstd-dev"),
            library("CMicroHTTPD", "libmicrohttpd", "libmicrohttpd-dev"),
        ],
        // Ground
        module("Bytes", []),
        module("System", ["CLinux"]),
        module("Observability", ["System"]),
        module("Configuration", ["CToml"]),
        // Broker
        module("Compression", ["Bytes", "CZlib", "CSnappy", "CLZ4", "CZstd"]),
        module("RecordBatch", ["Compression", "Bytes", "CKernels"]),
        module("CommitLog", ["RecordBatch", "System", "Bytes", "Observability", "CKernels"]),
        module("KafkaWire", ["RecordBatch", "Bytes"]),
        module("Reactor", ["System", "Observability", "Bytes", "CLinux"]),
        module("Streams", ["Bytes"]),
        module(
            "Broker",
            [
                "CommitLog", "KafkaWire", "Reactor", "Streams", "RecordBatch", "Compression", "Bytes", "System",
                "Observability",
            ]),
        module("ClusterStreams", ["Streams", "CRdKafka"]),
        // Messages and files
        module("FlatBuffers", ["Bytes"]),
        module("Schemas", ["FlatBuffers", "Bytes"]),
        module("NexusFile", ["CHDF5"]),
        // What people do with streams by hand
        module("StreamTools", ["Streams", "Schemas", "Compression", "Bytes", "System", "CKernels"]),
        // Services: each sees Streams, never a socket, a broker or another service
        module("RunControl", ["Streams", "Schemas", "Bytes", "System", "Observability"]),
        module(
            "EventSource",
            ["Streams", "Schemas", "FlatBuffers", "NexusFile", "Bytes", "System", "Observability"]),
        module("Forwarder", ["Streams", "Schemas", "FlatBuffers", "Bytes", "System", "Observability"]),
        module("Histogrammer", ["Streams", "Schemas", "FlatBuffers", "Bytes", "System", "Observability"]),
        module(
            "FileWriter",
            ["Streams", "Schemas", "FlatBuffers", "NexusFile", "Bytes", "System", "Observability"]),
        module("Console", ["Streams", "Schemas", "Bytes", "System", "Observability", "CAssets", "CMicroHTTPD"]),
        // What several test modules share
        [
            .target(
                name: "TestSupport", dependencies: ["Streams", "System", "CRdKafka"], path: "Tests/TestSupport",
                swiftSettings: strict)
        ],
        // The executable
        [
            .executableTarget(
                name: "sluice",
                dependencies: [
                    "Console", "StreamTools", "FileWriter", "Histogrammer", "Forwarder", "EventSource", "RunControl",
                    "ClusterStreams",
                    "Broker", "CommitLog", "Streams", "Schemas", "Configuration", "Observability", "System", "Bytes",
                    "RecordBatch", "KafkaWire", "Reactor", "NexusFile", "CKernels", "CLinux",
                ],
                exclude: ["README.md"], swiftSettings: strict),
            .testTarget(name: "sluiceTests", dependencies: ["sluice"], swiftSettings: strict),
        ],
        fuzzTargets,
    ].flatMap { $0 }

let present = chosen(targets)

let package = Package(
    name: "sluice",
    products: present.contains { $0.name == "sluice" } ? [.executable(name: "sluice", targets: ["sluice"])] : [],
    targets: present,
    cLanguageStandard: .c2x,
    cxxLanguageStandard: .cxx17
)
