import CommitLog
import KafkaWire
import Streams
import System

extension BrokerError {
    /// The broker's view of what went wrong in the log.
    init(_ error: LogError) {
        let kind: Kind =
            switch error {
            case .storageFull: .storageFull
            case .storage(let cause): cause.isOutOfSpace ? .storageFull : .storage
            case .locked: .dataDirectoryLocked
            case .metadata: .dataDirectory
            case .invalidName: .invalidTopic
            case .exists: .topicExists
            case .deleted: .unknownTopic
            case .limit: .limitReached
            case .closed: .closed
            case .offsetOutOfRange: .offsetOutOfRange
            case .corrupt, .outOfOrderSequence, .invalidProducerEpoch, .invalidTransactionState, .coordinatorFenced:
                .storage
            }
        self.init(kind, "\(error)")
    }

    /// What a Kafka client is told.
    var errorCode: ErrorCode {
        switch kind {
        case .addressInUse, .addressInvalid, .dataDirectoryLocked, .dataDirectory: .unknownServerError
        case .storageFull, .storage: .kafkaStorageError
        case .invalidTopic: .invalidTopicException
        case .unknownTopic: .unknownTopicOrPartition
        case .unknownTopicID: .unknownTopicID
        case .topicExists: .topicAlreadyExists
        case .invalidPartitions: .invalidPartitions
        case .invalidReplicationFactor: .invalidReplicationFactor
        case .invalidReplicaAssignment: .invalidReplicaAssignment
        case .invalidConfiguration: .invalidConfig
        case .offsetOutOfRange: .offsetOutOfRange
        case .policyViolation: .policyViolation
        case .invalidRequest: .invalidRequest
        case .unsupportedVersion: .unsupportedVersion
        case .securityDisabled: .securityDisabled
        case .resourceNotFound: .resourceNotFound
        case .duplicateResource: .duplicateResource
        case .unacceptableCredential: .unacceptableCredential
        case .unsupportedMechanism: .unsupportedSASLMechanism
        case .limitReached: .policyViolation
        case .closed: .brokerNotAvailable
        }
    }

    /// What a service in this process is told.
    var streamError: StreamError {
        let code: StreamError.Code =
            switch kind {
            case .addressInUse, .addressInvalid, .dataDirectoryLocked, .dataDirectory, .limitReached,
                .unsupportedVersion, .securityDisabled:
                .other
            case .storageFull, .storage: .storage
            case .invalidTopic, .invalidPartitions, .invalidReplicationFactor, .invalidReplicaAssignment,
                .invalidConfiguration, .invalidRequest, .resourceNotFound, .duplicateResource,
                .unacceptableCredential, .unsupportedMechanism, .policyViolation:
                .invalidArgument
            case .offsetOutOfRange: .offsetOutOfRange
            case .unknownTopic, .unknownTopicID: .unknownTopic
            case .topicExists: .topicExists
            case .closed: .closed
            }
        return StreamError(code, message)
    }
}

extension LogError {
    /// What a Kafka client is told.
    var errorCode: ErrorCode {
        switch self {
        case .offsetOutOfRange: .offsetOutOfRange
        case .corrupt: .corruptMessage
        case .outOfOrderSequence: .outOfOrderSequenceNumber
        case .invalidTransactionState: .invalidTransactionState
        case .coordinatorFenced: .transactionCoordinatorFenced
        case .invalidProducerEpoch: .invalidProducerEpoch
        case .storage, .storageFull, .limit: .kafkaStorageError
        case .deleted: .unknownTopicOrPartition
        case .locked, .metadata, .invalidName, .exists, .closed: .unknownServerError
        }
    }

    /// What a service in this process is told.
    var streamError: StreamError {
        switch self {
        case .offsetOutOfRange: StreamError(.offsetOutOfRange, "\(self)")
        case .corrupt: StreamError(.corrupt, "\(self)")
        case .outOfOrderSequence, .invalidProducerEpoch, .invalidTransactionState, .coordinatorFenced:
            StreamError(.other, "\(self)")
        case .storage, .storageFull, .locked, .metadata, .invalidName, .exists, .deleted, .limit, .closed:
            BrokerError(self).streamError
        }
    }
}
