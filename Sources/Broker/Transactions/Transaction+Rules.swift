extension Transaction {
    /// A producer that begins, or begins again (InitProducerId).
    ///
    /// - Parameters:
    ///   - expected: the identity that the producer had, when it wants to go on after an error (KIP-360).
    ///   - newProducerID: an unused id, once one was asked for.
    func initialized(
        timeoutMilliseconds: Int32, expected: ProducerIdentity?, newProducerID: Int64?, now: Int64
    ) -> TransactionStep {
        if let expected, !mayReinitialize(expected) { return .refuse(.fenced) }
        switch state {
        case .prepareCommit, .prepareAbort: return .refuse(.busy)
        case .ongoing, .prepareEpochFence: return fenced(now: now)
        case .dead: return .refuse(.busy)
        case .empty, .completeCommit, .completeAbort: break
        }
        var next = self
        next.state = .empty
        next.partitions = []
        next.startMilliseconds = -1
        next.timeoutMilliseconds = timeoutMilliseconds
        next.updateMilliseconds = now
        next.nextProducerID = -1
        if isEpochExhausted, expected.map({ $0.epoch == producer.epoch }) ?? true {
            guard let newProducerID else { return .needsProducerID }
            next.previousProducerID = producer.id
            next.lastProducerEpoch = expected == nil ? -1 : producer.epoch
            next.producer = ProducerIdentity(id: newProducerID, epoch: 0)
            return .change(next)
        }
        guard let expected, producer.epoch >= 0, expected.epoch != producer.epoch else {
            next.lastProducerEpoch = expected == nil ? -1 : producer.epoch
            next.producer.epoch += 1
            return .change(next)
        }
        // A repetition of a request whose answer was lost gets the same answer.
        return expected.epoch == lastProducerEpoch ? .change(next) : .refuse(.fenced)
    }

    private func mayReinitialize(_ expected: ProducerIdentity) -> Bool {
        producer.epoch < 0 || expected.id == producer.id
            || expected.id == previousProducerID && Self.isExhausted(expected.epoch)
    }

    /// Partitions that the transaction will write to; the first ones begin it.
    func adding(
        _ added: Set<PartitionName>, _ identity: ProducerIdentity, version: Int16, now: Int64
    ) -> TransactionStep {
        if let refusal = refusal(identity) { return .refuse(refusal) }
        if state == .ongoing && added.isSubset(of: partitions) { return .keep }
        var next = self
        if state != .ongoing {
            next.state = .ongoing
            next.partitions = []
            next.startMilliseconds = now
        }
        next.partitions.formUnion(added)
        next.version = version
        next.updateMilliseconds = now
        return next.partitions.count > Self.partitionsMax ? .refuse(.limitReached) : .change(next)
    }

    /// Whether a batch for `partition` belongs to the open transaction; nil when it does.
    func refusal(for partition: PartitionName, _ identity: ProducerIdentity) -> TransactionRefusal? {
        if let refusal = refusal(identity) { return refusal }
        guard state == .ongoing else { return .wrongState }
        return partitions.contains(partition) ? nil : .notInTransaction
    }

    private func refusal(_ identity: ProducerIdentity) -> TransactionRefusal? {
        if identity.id != producer.id { return .unknownProducer }
        if identity.epoch != producer.epoch { return .fenced }
        return state.isPrepared || state == .prepareEpochFence || state == .dead ? .busy : nil
    }

    /// The producer's own end of its transaction (EndTxn).
    ///
    /// - Parameter version: the protocol that the request belongs to; `bumpingVersion` from EndTxn 5 on.
    func ended(
        isCommit: Bool, _ identity: ProducerIdentity, version: Int16, newProducerID: Int64?, now: Int64
    ) -> TransactionStep {
        let bumps = version >= Self.bumpingVersion
        let isRepeated = bumps && isRepeatedEnd(identity)
        if identity.id != producer.id && !isRepeated { return .refuse(.unknownProducer) }
        if identity.epoch != producer.epoch && !isRepeated { return .refuse(.fenced) }
        switch state {
        case .ongoing:
            return isRepeated ? .refuse(.fenced) : prepared(isCommit, version, newProducerID, now)
        case .prepareCommit, .prepareAbort:
            // With bumps, the present epoch is that of the next transaction, which has not begun.
            if bumps && !isRepeated { return .refuse(.fenced) }
            return .refuse((state == .prepareCommit) == isCommit ? .busy : .wrongState)
        case .completeCommit where isCommit: return !bumps || isRepeated ? .keep : .refuse(.wrongState)
        case .completeAbort where !isCommit && (!bumps || isRepeated): return .keep
        case .empty, .completeCommit, .completeAbort:
            // A producer that never learned whether anything was written may always abort (KIP-890).
            guard bumps && !isCommit && !isRepeated else { return .refuse(.wrongState) }
            var begun = self
            begun.partitions = []
            begun.startMilliseconds = now
            return begun.prepared(false, version, newProducerID, now)
        case .dead, .prepareEpochFence: return .refuse(.busy)
        }
    }

    /// Whether the request was answered before, and the answer lost.
    private func isRepeatedEnd(_ identity: ProducerIdentity) -> Bool {
        let isEnding = state.isPrepared || state == .completeCommit || state == .completeAbort
        guard version >= Self.bumpingVersion, isEnding else { return false }
        if identity.id == producer.id && Int(identity.epoch) + 1 == Int(producer.epoch) { return true }
        return identity.id == previousProducerID && producer.epoch == 0 && identity.epoch == Int16.max - 1
    }

    private func prepared(_ isCommit: Bool, _ version: Int16, _ newProducerID: Int64?, _ now: Int64) -> TransactionStep
    {
        var next = self
        next.state = isCommit ? .prepareCommit : .prepareAbort
        next.version = version
        next.updateMilliseconds = now
        guard version >= Self.bumpingVersion else { return .change(next) }
        if isEpochExhausted {
            guard let newProducerID else { return .needsProducerID }
            next.nextProducerID = newProducerID
        }
        next.lastProducerEpoch = producer.epoch
        next.producer.epoch += 1
        return .change(next)
    }

    /// The broker's own end of a transaction whose producer is silent or was replaced: its epoch is used up with it.
    func fenced(now: Int64) -> TransactionStep {
        guard state == .ongoing || state == .prepareEpochFence else { return .keep }
        var next = self
        next.state = .prepareAbort
        if producer.epoch < Int16.max { next.producer.epoch += 1 }
        next.lastProducerEpoch = -1
        // The epoch was bumped already, and nobody may go on with it.
        next.version = 0
        next.updateMilliseconds = now
        return .change(next)
    }

    /// All markers are written.
    func completed(now: Int64) -> Transaction {
        precondition(state.isPrepared)
        var next = self
        next.state = state == .prepareCommit ? .completeCommit : .completeAbort
        next.partitions = []
        next.updateMilliseconds = now
        if nextProducerID >= 0 {
            next.previousProducerID = producer.id
            next.producer = nextProducer
            next.nextProducerID = -1
        }
        return next
    }
}
