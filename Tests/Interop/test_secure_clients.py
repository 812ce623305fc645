"""TLS and SASL settings that commands hand through to librdkafka (`-X`).

TLS ends in a proxy in front of our broker. What SASL can do is not tested here, which needs a broker that asks for it; only
that the settings arrive, and that a broker without it is told in one line.
"""

import contextlib
import json
import socket
import ssl
import subprocess
import threading

import pytest
from conftest import sluice


class Proxy:
    """Ends TLS on a free port and passes the bytes on to `broker`."""

    def __init__(self, context):
        self.context, self.broker, self.versions = context, None, set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        # Clients that only look whether somebody listens, or do not trust us, go away in the handshake.
        with contextlib.suppress(OSError):
            client = self.context.wrap_socket(connection, server_side=True)
            self.versions.add(client.version())
            host, port = self.broker.split(":")
            broker = socket.create_connection((host, int(port)))
            back = threading.Thread(target=self.pass_on, args=(broker, client), daemon=True)
            back.start()
            self.pass_on(client, broker)
            back.join()
            client.close()
            broker.close()

    @staticmethod
    def pass_on(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """A certificate authority, certificates that it signed for broker and client, and a stranger."""
    folder = tmp_path_factory.mktemp("certificates")

    def run(*words):
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    for name in ["authority", "stranger"]:
        run("req", "-x509", *key, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1")
    for name in ["broker", "client"]:
        run("req", *key, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        run(
            "x509", "-req", "-in", f"{name}.csr", "-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial",
            "-days", "2", "-extfile", "names", "-out", f"{name}.pem",
        )
    return folder


@pytest.fixture
def proxied(own_appliance, certificates):
    """Makes a broker behind a proxy; returns the proxy and the flags that a client needs."""

    def make(asks_for_certificate=False):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates / "broker.pem", certificates / "broker.key")
        if asks_for_certificate:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(certificates / "authority.pem")
        proxy = Proxy(context)
        proxy.broker = own_appliance("--set", f"kafka.advertise={proxy.address}").broker
        return proxy, ["-X", "security.protocol=ssl", "-X", f"ssl.ca.location={certificates / 'authority.pem'}"]

    return make


def refusal(*words, broker):
    """What a command says that fails, which must be one line; and its exit code."""
    done = sluice(*words, broker=broker, check=False)
    assert done.stdout == "" and len(done.stderr.splitlines()) == 1, done
    return done.returncode, done.stderr


def test_commands_work_through_tls(proxied, certificates):
    proxy, flags = proxied()
    sluice("topic", "set", "TLSTEST", *flags, broker=proxy.address)
    sluice("produce", "TLSTEST_runLog", *flags, broker=proxy.address, input="one\ntwo\n")
    assert sluice("consume", "TLSTEST_runLog", "-f", "%s,", *flags, broker=proxy.address).stdout == "one,two,"
    sniffed = sluice("sniff", "TLSTEST_runLog", "-i", "0s", "--format", "json", *flags, broker=proxy.address)
    assert json.loads(sniffed.stdout)["brokers"][0]["port"] == int(proxy.address.split(":")[1])
    assert proxy.versions and proxy.versions <= {"TLSv1.2", "TLSv1.3"}
    # Somebody else's authority did not sign it.
    code, text = refusal(
        "topic", "list", "-X", "security.protocol=ssl", "-X", f"ssl.ca.location={certificates / 'stranger.pem'}",
        broker=proxy.address,
    )
    assert code == 3 and "certificate verify failed" in text, text


def test_clients_show_their_certificate(proxied, certificates):
    proxy, flags = proxied(asks_for_certificate=True)
    own = [
        "-X", f"ssl.certificate.location={certificates / 'client.pem'}",
        "-X", f"ssl.key.location={certificates / 'client.key'}",
    ]
    sluice("topic", "create", "t", *flags, *own, broker=proxy.address)
    code, text = refusal("topic", "list", *flags, broker=proxy.address)
    assert code == 3 and proxy.address in text, text


@pytest.mark.parametrize(
    "settings, code, text",
    [
        (["security.protocol=ssl"], 3, "no broker answers at"),
        (
            ["security.protocol=sasl_plaintext", "sasl.mechanism=PLAIN", "sasl.username=u", "sasl.password=hidden"],
            3, "SASL",
        ),
        (["security.protocol=tls"], 2, 'Invalid value "tls"'),
        (["security.protocol=ssl", "ssl.ca.location=/nonexistent"], 2, "ssl.ca.location"),
        (["no.such.setting=1"], 2, "no.such.setting"),
        (["sasl.password"], 2, "NAME=VALUE"),
    ],
)
def test_wrong_settings_are_told_in_a_line(appliance, settings, code, text):
    flags = [word for setting in settings for word in ("-X", setting)]
    found, said = refusal("consume", "nothing_here", *flags, broker=appliance.broker)
    assert (found, text in said) == (code, True), said
    assert "hidden" not in said and "(after" not in said
