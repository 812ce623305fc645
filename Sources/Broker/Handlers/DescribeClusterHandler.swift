import KafkaWire

/// DescribeCluster (API 60): the cluster of one.
enum DescribeClusterHandler {
    static func handle(_ request: DescribeClusterRequest, _ context: RequestContext) {
        let options = context.core.options
        let advertised = context.advertised
        context.answer(
            DescribeClusterResponse(
                clusterID: context.core.clusterID, controllerID: options.nodeID,
                brokers: [
                    DescribeClusterResponse.Broker(
                        nodeID: options.nodeID, host: advertised.host, port: advertised.port)
                ]))
    }
}
