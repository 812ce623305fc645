import KafkaWire

extension ConsumerGroup {
    /// The first version of OffsetCommit that knows of member epochs.
    static let commitVersionMin: Int16 = 9

    /// Checks who commits offsets: a member at its epoch, or anybody while the group is empty.
    ///
    /// - Parameter version: of OffsetCommit; nil for offsets that are part of a transaction, whose producer need not say
    ///   which member it belongs to.
    func checkCommit(memberID: String, memberEpoch: Int32, version: Int16?) throws(GroupRefusal) {
        if memberEpoch < 0, members.isEmpty || version == nil && memberID.isEmpty { return }
        let member = try member(memberID)
        if member.description.classic != nil {
            guard member.progress.epoch == memberEpoch else {
                throw GroupRefusal(
                    .illegalGeneration, "generation \(memberEpoch) is not the \(member.progress.epoch) that is known")
            }
            return
        }
        guard version ?? .max >= Self.commitVersionMin else {
            throw GroupRefusal(
                .unsupportedVersion, "members of this group commit with version \(Self.commitVersionMin) or later")
        }
        try member.progress.checkOffsets(memberEpoch)
    }

    /// Checks who asks for offsets: a member at its epoch, or somebody who says nothing of membership.
    func checkFetch(memberID: String?, memberEpoch: Int32) throws(GroupRefusal) {
        if memberEpoch < 0, memberID == nil { return }
        try member(memberID ?? "").progress.checkOffsets(memberEpoch)
    }

    private func member(_ id: String) throws(GroupRefusal) -> ConsumerGroupMember {
        guard let member = members[id] else {
            throw GroupRefusal(.unknownMemberID, "member \(id) is not in group \(self.id)")
        }
        return member
    }
}

extension ConsumerGroupMember.Progress {
    fileprivate func checkOffsets(_ received: Int32) throws(GroupRefusal) {
        guard received == epoch else {
            throw GroupRefusal(.staleMemberEpoch, "member epoch \(received) is not the \(epoch) that is known")
        }
    }
}
