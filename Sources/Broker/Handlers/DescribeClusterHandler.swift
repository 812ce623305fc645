import KafkaWire

/// DescribeCluster (API 60): the cluster of one.
enum DescribeClusterHandler {
    private static let brokers: Int8 = 1
    private static let controllers: Int8 = 2

    static func handle(_ request: DescribeClusterRequest, _ context: RequestContext) {
        guard request.endpointType == brokers else { return refuse(request, context) }
        let options = context.core.options
        let advertised = context.advertised
        var response = DescribeClusterResponse(
            clusterID: context.core.clusterID, controllerID: options.nodeID,
            brokers: [.init(nodeID: options.nodeID, host: advertised.host, port: advertised.port)])
        if request.includeClusterAuthorizedOperations {
            response.clusterAuthorizedOperations = AccessResource.cluster.everyOperation
        }
        context.answer(response)
    }

    /// The answer to a question for controllers, which listen elsewhere in Kafka.
    private static func refuse(_ request: DescribeClusterRequest, _ context: RequestContext) {
        let code: ErrorCode = request.endpointType == controllers ? .mismatchedEndpointType : .unsupportedEndpointType
        context.count(code)
        context.answer(
            DescribeClusterResponse(
                errorCode: code,
                errorMessage: "this is an endpoint of brokers, not of type \(request.endpointType)",
                endpointType: request.endpointType))
    }
}
