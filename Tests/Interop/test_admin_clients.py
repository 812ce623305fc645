"""What administrators set about clients: quotas, SCRAM credentials, access rules; by kafka-python and confluent-kafka."""

import confluent_kafka
import confluent_kafka.admin as ca
import kafka.admin as ka
import kafka.errors
import pytest
from conftest import wait_for
from kafka.protocol.admin.client_quotas import AlterClientQuotasRequest, DescribeClientQuotasRequest


def send(admin, request):
    return admin._manager.run(admin._manager.send, request)


@pytest.fixture
def admin(appliance):
    admin = ka.KafkaAdminClient(bootstrap_servers=appliance.broker)
    yield admin
    admin.close()


def quota(entity, key, value):
    operation = (key, value or 0, value is None)
    return AlterClientQuotasRequest(entries=[(entity, [operation])], validate_only=False)


def test_quotas_hold_clients_back(appliance, admin, topic):
    entity = [("client-id", topic)]
    assert send(admin, quota(entity, "producer_byte_rate", 50000.0)).entries[0].error_code == 0
    described = send(admin, DescribeClientQuotasRequest(components=[("client-id", 0, topic)], strict=True))
    assert [(v.key, v.value) for v in described.entries[0].values] == [("producer_byte_rate", 50000.0)]
    told = []
    producer = confluent_kafka.Producer(
        {"bootstrap.servers": appliance.broker, "client.id": topic, "throttle_cb": told.append, "linger.ms": 5})
    for _ in range(60):
        producer.produce(topic, b"x" * 10000)
    assert producer.flush(60) == 0
    wait_for(lambda: producer.poll(0.1) is not None and told, what="the throttle event")
    assert told[0].broker_id == 1 and told[0].throttle_time > 0
    assert send(admin, quota(entity, "producer_byte_rate", None)).entries[0].error_code == 0
    assert send(admin, quota([("rack", "a")], "producer_byte_rate", 1.0)).entries[0].error_code == 42


def test_scram_credentials(appliance, admin):
    confluent = ca.AdminClient({"bootstrap.servers": appliance.broker})
    info = ca.ScramCredentialInfo(ca.ScramMechanism.SCRAM_SHA_256, 8192)
    confluent.alter_user_scram_credentials([ca.UserScramCredentialUpsertion("anna", info, b"secret")])["anna"].result(30)
    told = confluent.describe_user_scram_credentials(["anna"])["anna"].result(30)
    assert [i.iterations for i in told.scram_credential_infos] == [8192]
    weak = ca.ScramCredentialInfo(ca.ScramMechanism.SCRAM_SHA_512, 100)
    with pytest.raises(confluent_kafka.KafkaException) as refused:
        confluent.alter_user_scram_credentials(
            [ca.UserScramCredentialUpsertion("anna", weak, b"secret")])["anna"].result(30)
    assert refused.value.args[0].code() == confluent_kafka.KafkaError.UNACCEPTABLE_CREDENTIAL
    altered = admin.alter_user_scram_credentials(
        [ka.UserScramCredentialUpsertion("bob", ka.ScramMechanism.SCRAM_SHA_512, "secret", iterations=4096)])
    assert altered == {"bob": None}
    assert set(admin.describe_user_scram_credentials()) == {"anna", "bob"}
    admin.alter_user_scram_credentials([ka.UserScramCredentialDeletion("bob", ka.ScramMechanism.SCRAM_SHA_512)])
    assert set(admin.describe_user_scram_credentials()) == {"anna"}
    with pytest.raises(confluent_kafka.KafkaException) as missing:
        confluent.describe_user_scram_credentials(["bob"])["bob"].result(30)
    assert missing.value.args[0].code() == confluent_kafka.KafkaError.RESOURCE_NOT_FOUND


ANYTHING = ka.ACLFilter(
    None, None, ka.ACLOperation.ANY, ka.ACLPermissionType.ANY,
    ka.ResourcePatternFilter(ka.ResourceType.ANY, None, ka.ACLResourcePatternType.ANY))


def test_access_rules_are_off_by_default(appliance, admin):
    with pytest.raises(kafka.errors.SecurityDisabledError):
        admin.describe_acls(ANYTHING)


def test_access_rules(own_appliance):
    running = own_appliance("--set", "security.acls=true")
    admin = ka.KafkaAdminClient(bootstrap_servers=running.broker)
    rule = ka.ACL(
        "User:anna", "*", ka.ACLOperation.READ, ka.ACLPermissionType.ALLOW,
        ka.ResourcePattern(ka.ResourceType.TOPIC, "LARMOR_", ka.ACLResourcePatternType.PREFIXED))
    assert admin.create_acls([rule])["succeeded"] == [rule]
    confluent = ca.AdminClient({"bootstrap.servers": running.broker})
    other = ca.AclBinding(
        ca.ResourceType.GROUP, "g", ca.ResourcePatternType.LITERAL, "User:bob", "*", ca.AclOperation.ALL,
        ca.AclPermissionType.DENY)
    confluent.create_acls([other])[other].result(30)
    admin.close()
    running.kill()
    running.start()
    admin = ka.KafkaAdminClient(bootstrap_servers=running.broker)
    confluent = ca.AdminClient({"bootstrap.servers": running.broker})
    assert rule in admin.describe_acls(ANYTHING)[0]
    found = confluent.describe_acls(ca.AclBindingFilter(
        ca.ResourceType.TOPIC, "LARMOR_events", ca.ResourcePatternType.MATCH, None, None, ca.AclOperation.ANY,
        ca.AclPermissionType.ANY)).result(30)
    assert [acl.name for acl in found] == ["LARMOR_"]
    everything = ca.AclBindingFilter(
        ca.ResourceType.ANY, None, ca.ResourcePatternType.ANY, None, None, ca.AclOperation.ANY, ca.AclPermissionType.ANY)
    assert len(confluent.delete_acls([everything])[everything].result(30)) == 2
    assert admin.describe_acls(ANYTHING)[0] == []
    admin.close()
