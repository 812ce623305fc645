/// The error codes of the Kafka protocol (protocol guide, "Error Codes"), on the wire as INT16.
public enum ErrorCode: Int16, Error, Sendable, CaseIterable {
    /// Something failed that no other code describes.
    case unknownServerError = -1
    /// Success.
    case none = 0
    /// The offset lies outside the partition's log.
    case offsetOutOfRange = 1
    /// A batch fails its CRC, or its size or format is wrong.
    case corruptMessage = 2
    /// The topic or partition is not here.
    case unknownTopicOrPartition = 3
    /// The fetch size is not valid.
    case invalidFetchSize = 4
    /// The partition has no leader at the moment.
    case leaderNotAvailable = 5
    /// This broker does not hold the partition.
    case notLeaderOrFollower = 6
    /// The request was not done in the time it gave.
    case requestTimedOut = 7
    /// The broker is not available.
    case brokerNotAvailable = 8
    /// The replica is not available.
    case replicaNotAvailable = 9
    /// A batch is larger than the topic allows.
    case messageTooLarge = 10
    /// The controller moved to another broker.
    case staleControllerEpoch = 11
    /// The metadata of a committed offset is too long.
    case offsetMetadataTooLarge = 12
    /// The connection was lost before the response.
    case networkException = 13
    /// The coordinator is still reading its state.
    case coordinatorLoadInProgress = 14
    /// The coordinator is not available.
    case coordinatorNotAvailable = 15
    /// This broker is not the coordinator of the group or transaction.
    case notCoordinator = 16
    /// The topic's name is not allowed, or the topic is internal.
    case invalidTopicException = 17
    /// The record set is larger than a segment.
    case recordListTooLarge = 18
    /// Fewer replicas are in sync than the topic demands.
    case notEnoughReplicas = 19
    /// The records are written, but to fewer replicas than the topic demands.
    case notEnoughReplicasAfterAppend = 20
    /// The acks are none of -1, 0 and 1.
    case invalidRequiredAcks = 21
    /// The generation is not the group's present one.
    case illegalGeneration = 22
    /// The member's protocols have none in common with the group's.
    case inconsistentGroupProtocol = 23
    /// The group's name is not allowed.
    case invalidGroupID = 24
    /// The group has no such member.
    case unknownMemberID = 25
    /// The session timeout is outside the broker's limits.
    case invalidSessionTimeout = 26
    /// The group is rebalancing: join again.
    case rebalanceInProgress = 27
    /// The commit is too large for one batch.
    case invalidCommitOffsetSize = 28
    /// The client may not use the topic.
    case topicAuthorizationFailed = 29
    /// The client may not use the group.
    case groupAuthorizationFailed = 30
    /// The client may not do this to the cluster.
    case clusterAuthorizationFailed = 31
    /// The timestamp lies outside what the topic accepts.
    case invalidTimestamp = 32
    /// The broker does not offer the SASL mechanism.
    case unsupportedSASLMechanism = 33
    /// The request is not valid at this step of the authentication.
    case illegalSASLState = 34
    /// The version of the API is not supported.
    case unsupportedVersion = 35
    /// A topic of this name exists.
    case topicAlreadyExists = 36
    /// The number of partitions is not valid.
    case invalidPartitions = 37
    /// The replication factor is not valid.
    case invalidReplicationFactor = 38
    /// The assignment of replicas is not valid.
    case invalidReplicaAssignment = 39
    /// A configuration key or value is not valid.
    case invalidConfig = 40
    /// This broker is not the controller.
    case notController = 41
    /// The request contradicts itself or the protocol.
    case invalidRequest = 42
    /// The message format of the log cannot do this.
    case unsupportedForMessageFormat = 43
    /// The request breaks a policy of the cluster.
    case policyViolation = 44
    /// The producer's sequence has a gap.
    case outOfOrderSequenceNumber = 45
    /// The producer's sequence was seen before.
    case duplicateSequenceNumber = 46
    /// The producer's epoch is older than the one known.
    case invalidProducerEpoch = 47
    /// The transaction cannot do this in its present state.
    case invalidTransactionState = 48
    /// The producer id does not belong to the transactional id.
    case invalidProducerIDMapping = 49
    /// The transaction timeout is above the broker's limit.
    case invalidTransactionTimeout = 50
    /// An earlier operation on the transaction is still running.
    case concurrentTransactions = 51
    /// The transaction's coordinator was replaced.
    case transactionCoordinatorFenced = 52
    /// The client may not use the transactional id.
    case transactionalIDAuthorizationFailed = 53
    /// Security features are turned off.
    case securityDisabled = 54
    /// Another part of the request failed before this one was tried.
    case operationNotAttempted = 55
    /// The log's disk failed or is full.
    case kafkaStorageError = 56
    /// The log directory is not configured here.
    case logDirectoryNotFound = 57
    /// The credentials are wrong.
    case saslAuthenticationFailed = 58
    /// The producer's state is no longer known.
    case unknownProducerID = 59
    /// Partitions are being reassigned.
    case reassignmentInProgress = 60
    /// Delegation tokens are turned off.
    case delegationTokenAuthDisabled = 61
    /// The delegation token is not known.
    case delegationTokenNotFound = 62
    /// The principal may not use this delegation token.
    case delegationTokenOwnerMismatch = 63
    /// Delegation tokens are not allowed on this connection.
    case delegationTokenRequestNotAllowed = 64
    /// The client may not use the delegation token.
    case delegationTokenAuthorizationFailed = 65
    /// The delegation token has expired.
    case delegationTokenExpired = 66
    /// The type of the principal is not supported.
    case invalidPrincipalType = 67
    /// The group still has members.
    case nonEmptyGroup = 68
    /// The group is not known.
    case groupIDNotFound = 69
    /// The fetch session is not known.
    case fetchSessionIDNotFound = 70
    /// The epoch of the fetch session is not the next one.
    case invalidFetchSessionEpoch = 71
    /// The leader has no listener of the kind that the request came in on.
    case listenerNotFound = 72
    /// Deleting topics is turned off.
    case topicDeletionDisabled = 73
    /// The leader epoch is older than the broker's.
    case fencedLeaderEpoch = 74
    /// The leader epoch is newer than the broker's.
    case unknownLeaderEpoch = 75
    /// The version of the request does not allow the compression codec.
    case unsupportedCompressionType = 76
    /// The broker's epoch is old.
    case staleBrokerEpoch = 77
    /// The high watermark has not caught up since the last change of leader.
    case offsetNotAvailable = 78
    /// The member must join again with the id that it was given.
    case memberIDRequired = 79
    /// The preferred leader is not available.
    case preferredLeaderNotAvailable = 80
    /// The group is full.
    case groupMaxSizeReached = 81
    /// Another member took over the static instance id.
    case fencedInstanceID = 82
    /// No replica is able to lead.
    case eligibleLeadersNotAvailable = 83
    /// The partition already has the leader that was asked for.
    case electionNotNeeded = 84
    /// No partition is being reassigned.
    case noReassignmentInProgress = 85
    /// A member of the group is subscribed to the topic.
    case groupSubscribedToTopic = 86
    /// A record fails the broker's checks.
    case invalidRecord = 87
    /// The offset belongs to a transaction that is not finished.
    case unstableOffsetCommit = 88
    /// The quota is used up.
    case throttlingQuotaExceeded = 89
    /// A newer producer took over the transactional id.
    case producerFenced = 90
    /// The thing that the request names does not exist.
    case resourceNotFound = 91
    /// The request names a thing twice.
    case duplicateResource = 92
    /// The credential does not fulfil the rules.
    case unacceptableCredential = 93
    /// The sets of voters differ.
    case inconsistentVoterSet = 94
    /// The update's version is not valid.
    case invalidUpdateVersion = 95
    /// The features could not be updated.
    case featureUpdateFailed = 96
    /// The forwarded principal cannot be read.
    case principalDeserializationFailure = 97
    /// The snapshot is not here.
    case snapshotNotFound = 98
    /// The position lies outside the snapshot.
    case positionOutOfRange = 99
    /// The topic id is not known.
    case unknownTopicID = 100
    /// The broker's id is taken.
    case duplicateBrokerRegistration = 101
    /// The broker's id is not registered.
    case brokerIDNotRegistered = 102
    /// The topic id is not that of the topic's log.
    case inconsistentTopicID = 103
    /// The cluster id is not this cluster's.
    case inconsistentClusterID = 104
    /// The transactional id is not known.
    case transactionalIDNotFound = 105
    /// Topic ids and names are mixed in one fetch session.
    case fetchSessionTopicIDError = 106
    /// The replica may not join those in sync.
    case ineligibleReplica = 107
    /// The change of the partition elected another leader.
    case newLeaderElected = 108
    /// The offset was moved to remote storage.
    case offsetMovedToTieredStorage = 109
    /// The member's epoch is not the group's.
    case fencedMemberEpoch = 110
    /// The static instance id is still in use.
    case unreleasedInstanceID = 111
    /// The group does not offer the assignor.
    case unsupportedAssignor = 112
    /// The member's epoch is old: send a heartbeat first.
    case staleMemberEpoch = 113
    /// The request went to an endpoint of another type.
    case mismatchedEndpointType = 114
    /// The type of the endpoint is not supported.
    case unsupportedEndpointType = 115
    /// The controller is not known.
    case unknownControllerID = 116
    /// The subscription of client metrics is not known.
    case unknownSubscriptionID = 117
    /// The client metrics are too large.
    case telemetryTooLarge = 118
    /// The registration of the broker is not valid.
    case invalidRegistration = 119
    /// The transaction must be aborted, after which the producer may go on.
    case transactionAbortable = 120
    /// The state of the shared record does not allow this.
    case invalidRecordState = 121
    /// The share session is not known.
    case shareSessionNotFound = 122
    /// The epoch of the share session is not the next one.
    case invalidShareSessionEpoch = 123
    /// The state's epoch is old.
    case fencedStateEpoch = 124
    /// The voter's key is not that of the receiving replica.
    case invalidVoterKey = 125
    /// The voter is in the set already.
    case duplicateVoter = 126
    /// The voter is not in the set.
    case voterNotFound = 127
    /// The regular expression is not valid.
    case invalidRegularExpression = 128
    /// The client must start again from its bootstrap servers.
    case rebootstrapRequired = 129
    /// The topology is not valid.
    case streamsInvalidTopology = 130
    /// The topology's epoch is not valid.
    case streamsInvalidTopologyEpoch = 131
    /// The topology's epoch is old.
    case streamsTopologyFenced = 132
    /// No more share sessions are possible.
    case shareSessionLimitReached = 133
}
