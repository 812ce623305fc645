import CommitLog
import System

/// Looks at the broker's own state before anything is opened: a start that went on without topics or offsets which were
/// promised would do more harm than none.
enum StateCheck {
    /// Throws `dataDirectory`, and has changed nothing, when a part of the broker's own state that was once on the disk is
    /// damaged or missing.
    static func run(_ directory: String, _ fileSystem: any FileSystem) throws(BrokerError) {
        let topics = directory + "/topics"
        guard fileSystem.exists(topics), OfflineDirectory.holder(of: directory, fileSystem: fileSystem) == nil else {
            return
        }
        do throws(LogError) {
            for name in TopicName.internalNames {
                guard let partition = try OfflinePartition.find(name, 0, in: directory, fileSystem: fileSystem) else {
                    continue
                }
                var verifier = LogVerifier()
                for finding in try verifier.verify(partition) {
                    // What lies behind the synced part is what a crash leaves, which the log deals with.
                    guard finding.isDamage, let first = finding.offsets?.lowerBound, first < partition.syncedOffset
                    else { continue }
                    throw .metadata(
                        path: finding.path,
                        reason: "\(name) is damaged: \(finding.detail); nothing was changed: restore the directory "
                            + "from a copy, or move it away, which loses what it says")
                }
            }
        } catch {
            throw BrokerError(error)
        }
        let names = (try? fileSystem.list(topics)) ?? []
        guard !names.isEmpty, !names.contains(TopicName.clusterMetadata + "-0") else { return }
        throw BrokerError(
            .dataDirectory,
            "\(topics)/\(TopicName.clusterMetadata)-0 is missing, but there are topics; nothing was changed: restore it "
                + "from a copy, or move the topics away")
    }
}
