// What this program calls of librdkafka: FUNCTION(result, name, (parameters), (arguments)).
// The compiler compares each line with the library's own declaration.

FUNCTION(void, rd_kafka_AdminOptions_destroy, (rd_kafka_AdminOptions_t *a), (a))
FUNCTION(rd_kafka_AdminOptions_t *, rd_kafka_AdminOptions_new, (rd_kafka_t *a, rd_kafka_admin_op_t b), (a, b))
FUNCTION(rd_kafka_resp_err_t, rd_kafka_AdminOptions_set_operation_timeout, (rd_kafka_AdminOptions_t *a, int b,
         char *c, size_t d), (a, b, c, d))
FUNCTION(rd_kafka_resp_err_t, rd_kafka_AdminOptions_set_request_timeout, (rd_kafka_AdminOptions_t *a, int b, char *c,
         size_t d), (a, b, c, d))
FUNCTION(void, rd_kafka_AlterConfigs, (rd_kafka_t *a, rd_kafka_ConfigResource_t **b, size_t c,
         const rd_kafka_AdminOptions_t *d, rd_kafka_queue_t *e), (a, b, c, d, e))
FUNCTION(const rd_kafka_ConfigResource_t **, rd_kafka_AlterConfigs_result_resources,
         (const rd_kafka_AlterConfigs_result_t *a, size_t *b), (a, b))
FUNCTION(void, rd_kafka_AlterConsumerGroupOffsets, (rd_kafka_t *a, rd_kafka_AlterConsumerGroupOffsets_t **b,
         size_t c, const rd_kafka_AdminOptions_t *d, rd_kafka_queue_t *e), (a, b, c, d, e))
FUNCTION(void, rd_kafka_AlterConsumerGroupOffsets_destroy, (rd_kafka_AlterConsumerGroupOffsets_t *a), (a))
FUNCTION(rd_kafka_AlterConsumerGroupOffsets_t *, rd_kafka_AlterConsumerGroupOffsets_new, (const char *a,
         const rd_kafka_topic_partition_list_t *b), (a, b))
FUNCTION(const rd_kafka_group_result_t **, rd_kafka_AlterConsumerGroupOffsets_result_groups,
         (const rd_kafka_AlterConsumerGroupOffsets_result_t *a, size_t *b), (a, b))
FUNCTION(int, rd_kafka_ConfigEntry_is_read_only, (const rd_kafka_ConfigEntry_t *a), (a))
FUNCTION(const char *, rd_kafka_ConfigEntry_name, (const rd_kafka_ConfigEntry_t *a), (a))
FUNCTION(rd_kafka_ConfigSource_t, rd_kafka_ConfigEntry_source, (const rd_kafka_ConfigEntry_t *a), (a))
FUNCTION(const char *, rd_kafka_ConfigEntry_value, (const rd_kafka_ConfigEntry_t *a), (a))
FUNCTION(const rd_kafka_ConfigEntry_t **, rd_kafka_ConfigResource_configs, (const rd_kafka_ConfigResource_t *a,
         size_t *b), (a, b))
FUNCTION(void, rd_kafka_ConfigResource_destroy, (rd_kafka_ConfigResource_t *a), (a))
FUNCTION(rd_kafka_resp_err_t, rd_kafka_ConfigResource_error, (const rd_kafka_ConfigResource_t *a), (a))
FUNCTION(const char *, rd_kafka_ConfigResource_error_string, (const rd_kafka_ConfigResource_t *a), (a))
FUNCTION(rd_kafka_ConfigResource_t *, rd_kafka_ConfigResource_new, (rd_kafka_ResourceType_t a, const char *b), (a, b))
FUNCTION(rd_kafka_resp_err_t, rd_kafka_ConfigResource_set_config, (rd_kafka_ConfigResource_t *a, const char *b,
         const char *c), (a, b, c))
FUNCTION(const rd_kafka_error_t *, rd_kafka_ConsumerGroupDescription_error,
         (const rd_kafka_ConsumerGroupDescription_t *a), (a))
FUNCTION(const char *, rd_kafka_ConsumerGroupDescription_group_id, (const rd_kafka_ConsumerGroupDescription_t *a),
         (a))
FUNCTION(const rd_kafka_MemberDescription_t *, rd_kafka_ConsumerGroupDescription_member,
         (const rd_kafka_ConsumerGroupDescription_t *a, size_t b), (a, b))
FUNCTION(size_t, rd_kafka_ConsumerGroupDescription_member_count, (const rd_kafka_ConsumerGroupDescription_t *a), (a))
FUNCTION(const char *, rd_kafka_ConsumerGroupDescription_partition_assignor,
         (const rd_kafka_ConsumerGroupDescription_t *a), (a))
FUNCTION(rd_kafka_consumer_group_state_t, rd_kafka_ConsumerGroupDescription_state,
         (const rd_kafka_ConsumerGroupDescription_t *a), (a))
FUNCTION(const char *, rd_kafka_ConsumerGroupListing_group_id, (const rd_kafka_ConsumerGroupListing_t *a), (a))
FUNCTION(rd_kafka_consumer_group_state_t, rd_kafka_ConsumerGroupListing_state,
         (const rd_kafka_ConsumerGroupListing_t *a), (a))
FUNCTION(void, rd_kafka_CreatePartitions, (rd_kafka_t *a, rd_kafka_NewPartitions_t **b, size_t c,
         const rd_kafka_AdminOptions_t *d, rd_kafka_queue_t *e), (a, b, c, d, e))
FUNCTION(const rd_kafka_topic_result_t **, rd_kafka_CreatePartitions_result_topics,
         (const rd_kafka_CreatePartitions_result_t *a, size_t *b), (a, b))
FUNCTION(void, rd_kafka_CreateTopics, (rd_kafka_t *a, rd_kafka_NewTopic_t **b, size_t c,
         const rd_kafka_AdminOptions_t *d, rd_kafka_queue_t *e), (a, b, c, d, e))
FUNCTION(const rd_kafka_topic_result_t **, rd_kafka_CreateTopics_result_topics,
         (const rd_kafka_CreateTopics_result_t *a, size_t *b), (a, b))
FUNCTION(void, rd_kafka_DeleteGroup_destroy, (rd_kafka_DeleteGroup_t *a), (a))
FUNCTION(rd_kafka_DeleteGroup_t *, rd_kafka_DeleteGroup_new, (const char *a), (a))
FUNCTION(void, rd_kafka_DeleteGroups, (rd_kafka_t *a, rd_kafka_DeleteGroup_t **b, size_t c,
         const rd_kafka_AdminOptions_t *d, rd_kafka_queue_t *e), (a, b, c, d, e))
FUNCTION(const rd_kafka_group_result_t **, rd_kafka_DeleteGroups_result_groups,
         (const rd_kafka_DeleteGroups_result_t *a, size_t *b), (a, b))
FUNCTION(void, rd_kafka_DeleteRecords, (rd_kafka_t *a, rd_kafka_DeleteRecords_t **b, size_t c,
         const rd_kafka_AdminOptions_t *d, rd_kafka_queue_t *e), (a, b, c, d, e))
FUNCTION(void, rd_kafka_DeleteRecords_destroy, (rd_kafka_DeleteRecords_t *a), (a))
FUNCTION(rd_kafka_DeleteRecords_t *, rd_kafka_DeleteRecords_new, (const rd_kafka_topic_partition_list_t *a), (a))
FUNCTION(const rd_kafka_topic_partition_list_t *, rd_kafka_DeleteRecords_result_offsets,
         (const rd_kafka_DeleteRecords_result_t *a), (a))
FUNCTION(void, rd_kafka_DeleteTopic_destroy, (rd_kafka_DeleteTopic_t *a), (a))
FUNCTION(rd_kafka_DeleteTopic_t *, rd_kafka_DeleteTopic_new, (const char *a), (a))
FUNCTION(void, rd_kafka_DeleteTopics, (rd_kafka_t *a, rd_kafka_DeleteTopic_t **b, size_t c,
         const rd_kafka_AdminOptions_t *d, rd_kafka_queue_t *e), (a, b, c, d, e))
FUNCTION(const rd_kafka_topic_result_t **, rd_kafka_DeleteTopics_result_topics,
         (const rd_kafka_DeleteTopics_result_t *a, size_t *b), (a, b))
FUNCTION(void, rd_kafka_DescribeConfigs, (rd_kafka_t *a, rd_kafka_ConfigResource_t **b, size_t c,
         const rd_kafka_AdminOptions_t *d, rd_kafka_queue_t *e), (a, b, c, d, e))
FUNCTION(const rd_kafka_ConfigResource_t **, rd_kafka_DescribeConfigs_result_resources,
         (const rd_kafka_DescribeConfigs_result_t *a, size_t *b), (a, b))
FUNCTION(void, rd_kafka_DescribeConsumerGroups, (rd_kafka_t *a, const char **b, size_t c,
         const rd_kafka_AdminOptions_t *d, rd_kafka_queue_t *e), (a, b, c, d, e))
FUNCTION(const rd_kafka_ConsumerGroupDescription_t **, rd_kafka_DescribeConsumerGroups_result_groups,
         (const rd_kafka_DescribeConsumerGroups_result_t *a, size_t *b), (a, b))
FUNCTION(void, rd_kafka_ListConsumerGroupOffsets, (rd_kafka_t *a, rd_kafka_ListConsumerGroupOffsets_t **b, size_t c,
         const rd_kafka_AdminOptions_t *d, rd_kafka_queue_t *e), (a, b, c, d, e))
FUNCTION(void, rd_kafka_ListConsumerGroupOffsets_destroy, (rd_kafka_ListConsumerGroupOffsets_t *a), (a))
FUNCTION(rd_kafka_ListConsumerGroupOffsets_t *, rd_kafka_ListConsumerGroupOffsets_new, (const char *a,
         const rd_kafka_topic_partition_list_t *b), (a, b))
FUNCTION(const rd_kafka_group_result_t **, rd_kafka_ListConsumerGroupOffsets_result_groups,
         (const rd_kafka_ListConsumerGroupOffsets_result_t *a, size_t *b), (a, b))
FUNCTION(void, rd_kafka_ListConsumerGroups, (rd_kafka_t *a, const rd_kafka_AdminOptions_t *b, rd_kafka_queue_t *c),
         (a, b, c))
FUNCTION(const rd_kafka_error_t **, rd_kafka_ListConsumerGroups_result_errors,
         (const rd_kafka_ListConsumerGroups_result_t *a, size_t *b), (a, b))
FUNCTION(const rd_kafka_ConsumerGroupListing_t **, rd_kafka_ListConsumerGroups_result_valid,
         (const rd_kafka_ListConsumerGroups_result_t *a, size_t *b), (a, b))
FUNCTION(const rd_kafka_topic_partition_list_t *, rd_kafka_MemberAssignment_partitions,
         (const rd_kafka_MemberAssignment_t *a), (a))
FUNCTION(const rd_kafka_MemberAssignment_t *, rd_kafka_MemberDescription_assignment,
         (const rd_kafka_MemberDescription_t *a), (a))
FUNCTION(const char *, rd_kafka_MemberDescription_client_id, (const rd_kafka_MemberDescription_t *a), (a))
FUNCTION(const char *, rd_kafka_MemberDescription_consumer_id, (const rd_kafka_MemberDescription_t *a), (a))
FUNCTION(const char *, rd_kafka_MemberDescription_group_instance_id, (const rd_kafka_MemberDescription_t *a), (a))
FUNCTION(const char *, rd_kafka_MemberDescription_host, (const rd_kafka_MemberDescription_t *a), (a))
FUNCTION(void, rd_kafka_NewPartitions_destroy, (rd_kafka_NewPartitions_t *a), (a))
FUNCTION(rd_kafka_NewPartitions_t *, rd_kafka_NewPartitions_new, (const char *a, size_t b, char *c, size_t d), (a, b,
         c, d))
FUNCTION(void, rd_kafka_NewTopic_destroy, (rd_kafka_NewTopic_t *a), (a))
FUNCTION(rd_kafka_NewTopic_t *, rd_kafka_NewTopic_new, (const char *a, int b, int c, char *d, size_t e), (a, b, c, d,
         e))
FUNCTION(rd_kafka_resp_err_t, rd_kafka_NewTopic_set_config, (rd_kafka_NewTopic_t *a, const char *b, const char *c),
         (a, b, c))
FUNCTION(char *, rd_kafka_clusterid, (rd_kafka_t *a, int b), (a, b))
FUNCTION(void, rd_kafka_conf_destroy, (rd_kafka_conf_t *a), (a))
FUNCTION(rd_kafka_conf_t *, rd_kafka_conf_new, (void), ())
FUNCTION(rd_kafka_conf_res_t, rd_kafka_conf_set, (rd_kafka_conf_t *a, const char *b, const char *c, char *d,
         size_t e), (a, b, c, d, e))
FUNCTION(void, rd_kafka_conf_set_background_event_cb, (rd_kafka_conf_t *a, void (*b)(rd_kafka_t *rk,
         rd_kafka_event_t *rkev, void *opaque)), (a, b))
FUNCTION(void, rd_kafka_conf_set_events, (rd_kafka_conf_t *a, int b), (a, b))
FUNCTION(void, rd_kafka_conf_set_log_cb, (rd_kafka_conf_t *a, void (*b)(const rd_kafka_t *rk, int level,
         const char *fac, const char *buf)), (a, b))
FUNCTION(void, rd_kafka_conf_set_opaque, (rd_kafka_conf_t *a, void *b), (a, b))
FUNCTION(ssize_t, rd_kafka_consume_batch_queue, (rd_kafka_queue_t *a, int b, rd_kafka_message_t **c, size_t d), (a,
         b, c, d))
FUNCTION(rd_kafka_message_t *, rd_kafka_consume_queue, (rd_kafka_queue_t *a, int b), (a, b))
FUNCTION(int, rd_kafka_consume_start_queue, (rd_kafka_topic_t *a, int32_t b, int64_t c, rd_kafka_queue_t *d), (a, b,
         c, d))
FUNCTION(int, rd_kafka_consume_stop, (rd_kafka_topic_t *a, int32_t b), (a, b))
FUNCTION(int32_t, rd_kafka_controllerid, (rd_kafka_t *a, int b), (a, b))
FUNCTION(void, rd_kafka_destroy, (rd_kafka_t *a), (a))
FUNCTION(const char *, rd_kafka_err2str, (rd_kafka_resp_err_t a), (a))
FUNCTION(rd_kafka_resp_err_t, rd_kafka_error_code, (const rd_kafka_error_t *a), (a))
FUNCTION(void, rd_kafka_error_destroy, (rd_kafka_error_t *a), (a))
FUNCTION(const char *, rd_kafka_error_string, (const rd_kafka_error_t *a), (a))
FUNCTION(const rd_kafka_AlterConfigs_result_t *, rd_kafka_event_AlterConfigs_result, (rd_kafka_event_t *a), (a))
FUNCTION(const rd_kafka_AlterConsumerGroupOffsets_result_t *, rd_kafka_event_AlterConsumerGroupOffsets_result,
         (rd_kafka_event_t *a), (a))
FUNCTION(const rd_kafka_CreatePartitions_result_t *, rd_kafka_event_CreatePartitions_result, (rd_kafka_event_t *a),
         (a))
FUNCTION(const rd_kafka_CreateTopics_result_t *, rd_kafka_event_CreateTopics_result, (rd_kafka_event_t *a), (a))
FUNCTION(const rd_kafka_DeleteGroups_result_t *, rd_kafka_event_DeleteGroups_result, (rd_kafka_event_t *a), (a))
FUNCTION(const rd_kafka_DeleteRecords_result_t *, rd_kafka_event_DeleteRecords_result, (rd_kafka_event_t *a), (a))
FUNCTION(const rd_kafka_DeleteTopics_result_t *, rd_kafka_event_DeleteTopics_result, (rd_kafka_event_t *a), (a))
FUNCTION(const rd_kafka_DescribeConfigs_result_t *, rd_kafka_event_DescribeConfigs_result, (rd_kafka_event_t *a), (a))
FUNCTION(const rd_kafka_DescribeConsumerGroups_result_t *, rd_kafka_event_DescribeConsumerGroups_result,
         (rd_kafka_event_t *a), (a))
FUNCTION(const rd_kafka_ListConsumerGroupOffsets_result_t *, rd_kafka_event_ListConsumerGroupOffsets_result,
         (rd_kafka_event_t *a), (a))
FUNCTION(const rd_kafka_ListConsumerGroups_result_t *, rd_kafka_event_ListConsumerGroups_result,
         (rd_kafka_event_t *a), (a))
FUNCTION(void, rd_kafka_event_destroy, (rd_kafka_event_t *a), (a))
FUNCTION(rd_kafka_resp_err_t, rd_kafka_event_error, (rd_kafka_event_t *a), (a))
FUNCTION(const char *, rd_kafka_event_error_string, (rd_kafka_event_t *a), (a))
FUNCTION(const rd_kafka_message_t *, rd_kafka_event_message_next, (rd_kafka_event_t *a), (a))
FUNCTION(rd_kafka_event_type_t, rd_kafka_event_type, (const rd_kafka_event_t *a), (a))
FUNCTION(rd_kafka_resp_err_t, rd_kafka_flush, (rd_kafka_t *a, int b), (a, b))
FUNCTION(rd_kafka_resp_err_t, rd_kafka_get_watermark_offsets, (rd_kafka_t *a, const char *b, int32_t c, int64_t *d,
         int64_t *e), (a, b, c, d, e))
FUNCTION(const rd_kafka_error_t *, rd_kafka_group_result_error, (const rd_kafka_group_result_t *a), (a))
FUNCTION(const rd_kafka_topic_partition_list_t *, rd_kafka_group_result_partitions,
         (const rd_kafka_group_result_t *a), (a))
FUNCTION(rd_kafka_resp_err_t, rd_kafka_header_add, (rd_kafka_headers_t *a, const char *b, ssize_t c, const void *d,
         ssize_t e), (a, b, c, d, e))
FUNCTION(rd_kafka_resp_err_t, rd_kafka_header_get_all, (const rd_kafka_headers_t *a, size_t b, const char **c,
         const void **d, size_t *e), (a, b, c, d, e))
FUNCTION(void, rd_kafka_headers_destroy, (rd_kafka_headers_t *a), (a))
FUNCTION(rd_kafka_headers_t *, rd_kafka_headers_new, (size_t a), (a))
FUNCTION(rd_kafka_resp_err_t, rd_kafka_last_error, (void), ())
FUNCTION(void, rd_kafka_mem_free, (rd_kafka_t *a, void *b), (a, b))
FUNCTION(void, rd_kafka_message_destroy, (rd_kafka_message_t *a), (a))
FUNCTION(const char *, rd_kafka_message_errstr, (const rd_kafka_message_t *a), (a))
FUNCTION(rd_kafka_resp_err_t, rd_kafka_message_headers, (const rd_kafka_message_t *a, rd_kafka_headers_t **b), (a, b))
FUNCTION(int64_t, rd_kafka_message_timestamp, (const rd_kafka_message_t *a, rd_kafka_timestamp_type_t *b), (a, b))
FUNCTION(rd_kafka_resp_err_t, rd_kafka_metadata, (rd_kafka_t *a, int b, rd_kafka_topic_t *c,
         const struct rd_kafka_metadata **d, int e), (a, b, c, d, e))
FUNCTION(void, rd_kafka_metadata_destroy, (const struct rd_kafka_metadata *a), (a))
FUNCTION(const char *, rd_kafka_mock_cluster_bootstraps, (const rd_kafka_mock_cluster_t *a), (a))
FUNCTION(void, rd_kafka_mock_cluster_destroy, (rd_kafka_mock_cluster_t *a), (a))
FUNCTION(rd_kafka_mock_cluster_t *, rd_kafka_mock_cluster_new, (rd_kafka_t *a, int b), (a, b))
FUNCTION(void, rd_kafka_mock_push_request_errors_array, (rd_kafka_mock_cluster_t *a, int16_t b, size_t c,
         const rd_kafka_resp_err_t *d), (a, b, c, d))
FUNCTION(rd_kafka_resp_err_t, rd_kafka_mock_topic_create, (rd_kafka_mock_cluster_t *a, const char *b, int c, int d),
         (a, b, c, d))
FUNCTION(rd_kafka_t *, rd_kafka_new, (rd_kafka_type_t a, rd_kafka_conf_t *b, char *c, size_t d), (a, b, c, d))
FUNCTION(rd_kafka_resp_err_t, rd_kafka_offsets_for_times, (rd_kafka_t *a, rd_kafka_topic_partition_list_t *b, int c),
         (a, b, c))
FUNCTION(void *, rd_kafka_opaque, (const rd_kafka_t *a), (a))
FUNCTION(int, rd_kafka_outq_len, (rd_kafka_t *a), (a))
FUNCTION(rd_kafka_error_t *, rd_kafka_produceva, (rd_kafka_t *a, const rd_kafka_vu_t *b, size_t c), (a, b, c))
FUNCTION(rd_kafka_resp_err_t, rd_kafka_purge, (rd_kafka_t *a, int b), (a, b))
FUNCTION(void, rd_kafka_queue_destroy, (rd_kafka_queue_t *a), (a))
FUNCTION(void, rd_kafka_queue_forward, (rd_kafka_queue_t *a, rd_kafka_queue_t *b), (a, b))
FUNCTION(rd_kafka_queue_t *, rd_kafka_queue_get_background, (rd_kafka_t *a), (a))
FUNCTION(rd_kafka_queue_t *, rd_kafka_queue_get_main, (rd_kafka_t *a), (a))
FUNCTION(rd_kafka_queue_t *, rd_kafka_queue_new, (rd_kafka_t *a), (a))
FUNCTION(rd_kafka_event_t *, rd_kafka_queue_poll, (rd_kafka_queue_t *a, int b), (a, b))
FUNCTION(void, rd_kafka_topic_destroy, (rd_kafka_topic_t *a), (a))
FUNCTION(const char *, rd_kafka_topic_name, (const rd_kafka_topic_t *a), (a))
FUNCTION(rd_kafka_topic_t *, rd_kafka_topic_new, (rd_kafka_t *a, const char *b, rd_kafka_topic_conf_t *c), (a, b, c))
FUNCTION(rd_kafka_topic_partition_t *, rd_kafka_topic_partition_list_add, (rd_kafka_topic_partition_list_t *a,
         const char *b, int32_t c), (a, b, c))
FUNCTION(void, rd_kafka_topic_partition_list_destroy, (rd_kafka_topic_partition_list_t *a), (a))
FUNCTION(rd_kafka_topic_partition_list_t *, rd_kafka_topic_partition_list_new, (int a), (a))
FUNCTION(rd_kafka_resp_err_t, rd_kafka_topic_result_error, (const rd_kafka_topic_result_t *a), (a))
FUNCTION(const char *, rd_kafka_topic_result_error_string, (const rd_kafka_topic_result_t *a), (a))
