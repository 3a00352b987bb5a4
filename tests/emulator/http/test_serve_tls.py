"""A server with HTTPS and WSS, and invalid certificate files."""

from __future__ import annotations

import re
import signal
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import trustme
from qiskit import QuantumCircuit

from ibmq_backend import IBMQ
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend.account.provider import AccountProvider
from ibmq_backend.api.connect import connect
from ibmq_backend.api.port import Capability
from ibmq_backend.cli.__main__ import main as command
from ibmq_backend.credentials import Credentials
from ibmq_backend.emulator.__main__ import main
from ibmq_backend.exceptions import ApiConnectionError
from tests.emulator.http.test_serve import Process


class Files:
    """A certificate authority, and a certificate and key for this machine."""

    def __init__(self, folder: Path) -> None:
        self.authority = folder / "authority.pem"
        self.certificate = folder / "certificate.pem"
        self.key = folder / "key.pem"
        authority = trustme.CA()
        issued = authority.issue_cert("localhost", "127.0.0.1")
        authority.cert_pem.write_to_path(self.authority)
        for number, blob in enumerate(issued.cert_chain_pems):
            blob.write_to_path(self.certificate, append=number > 0)
        self.key.touch(mode=0o600)
        issued.private_key_pem.write_to_path(self.key)

    def options(self) -> list[str]:
        return ["--tls-cert", str(self.certificate), "--tls-key", str(self.key)]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server(files: Files, tmp_path: Path) -> Iterator[Process]:
    running = Process("--store", str(tmp_path / "store.sqlite"), *files.options())
    yield running
    assert running.end(signal.SIGTERM) == 0
    assert running.troubles() == []


def flip(name: str) -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1, name=name)
    circuit.x(0)
    circuit.measure(0, 0)
    return circuit


def test_both_dialects_and_the_status_stream(
    server: Process,
    files: Files,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert server.url.startswith("https://127.0.0.1:")
    assert "http://" not in server.line
    token = server.class_token()
    crn = re.findall(r"INSTANCE=(crn:\S+::)", server.find_line("Platform"))[0]
    trusted = NetworkSettings(verify=str(files.authority))
    classic = Credentials(token, f"{server.url}/api")
    platform = Credentials(token, f"{server.url}/api", instance=crn, channel="ibm_cloud")
    for credentials, device in ((classic, "ibmq_vigo"), (platform, "ibm_lagos")):
        service = connect(credentials, trusted)
        account = service.open(service.instances()[0].id)
        job = AccountProvider(credentials, account).get_backend(device).run(flip(device))
        assert job.result(timeout=120).get_counts()["1"] > 500
        if Capability.STATUS_STREAM in account.capabilities:
            streamed = [one.status for one in account.watch_job(job.job_id(), timeout=120.0)]
            assert streamed == ["DONE"]
        else:
            assert credentials is platform
        service.close()
        with pytest.raises(ApiConnectionError, match="certificate is not trusted"):
            connect(credentials)

    monkeypatch.setenv("SSL_CERT_FILE", str(files.authority))
    provider = IBMQ.enable_account(token, f"{server.url}/api")
    assert provider is not None
    assert provider.get_backend("ibmq_vigo").jobs()[0].status().name == "DONE"
    IBMQ.disable_account()
    monkeypatch.setenv("IBMQ_BACKEND_ADMIN_TOKEN", server.admin_token())
    capsys.readouterr()
    assert command(["admin", "jobs", "--url", server.url]) == 0
    assert capsys.readouterr().out == "All jobs are finished.\n"


def test_there_are_no_session_tickets(server: Process, files: Files) -> None:
    """Read while a request is sent, they make OpenSSL lose the request."""
    address = httpx.URL(server.url)
    context = ssl.create_default_context(cafile=str(files.authority))
    with (
        socket.create_connection((address.host, address.port or 443), timeout=60) as plain,
        context.wrap_socket(plain, server_hostname=address.host) as secure,
    ):
        secure.sendall(b"GET /api/version HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert b"200 OK" in b"".join(iter(lambda: secure.recv(4096), b""))
        assert secure.version() == "TLSv1.3"
        assert secure.session is None or not secure.session.has_ticket


def test_plain_http_is_not_served(server: Process) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{server.url.replace('https', 'http')}/version", trust_env=False)


def refused(options: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Start a server that fails and return its error line."""
    assert main(["--port", "0", *options]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_certificate_and_key_are_needed_together(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    for option, path in (("--tls-cert", files.certificate), ("--tls-key", files.key)):
        line = refused([option, str(path)], capsys)
        assert line == "error: --tls-cert and --tls-key must be given together"


@pytest.mark.parametrize("option", ["--tls-cert", "--tls-key"])
def test_files_that_cannot_be_read(
    option: str, files: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path, reason in (
        (tmp_path / "none.pem", "No such file or directory"),
        (tmp_path, "Is a directory"),
    ):
        line = refused([*files.options(), option, str(path)], capsys)
        assert line == f"error: {option}: cannot read {path}: {reason}"


def test_files_with_other_content(
    files: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = Files(tmp_path)
    nonsense = tmp_path / "nonsense.pem"
    nonsense.touch(mode=0o600)
    nonsense.write_text("nothing")
    encrypted = tmp_path / "encrypted.pem"
    encrypted.touch(mode=0o600)
    encrypted.write_bytes(_encrypted(files.key.read_bytes()))
    for option, path, reason in (
        ("--tls-cert", nonsense, "does not contain a certificate in PEM format"),
        ("--tls-cert", files.key, "does not contain a certificate in PEM format"),
        ("--tls-key", nonsense, f"does not contain the PEM key of the certificate "
         f"{files.certificate}"),
        ("--tls-key", other.key, f"does not contain the PEM key of the certificate "
         f"{files.certificate}"),
        ("--tls-key", encrypted, "is encrypted; use a key without a password"),
    ):  # fmt: skip
        line = refused([*files.options(), option, str(path)], capsys)
        assert line == f"error: {option}: {path} {reason}"


def test_a_key_that_others_can_read_is_rejected(
    files: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "key.pem"
    key.write_bytes(files.key.read_bytes())
    key.chmod(0o644)
    line = refused([*files.options(), "--tls-key", str(key)], capsys)
    assert line.startswith(f"error: --tls-key: the file {key} is open to other users")
    assert line.endswith(f"Run: chmod 600 {key}")


def _encrypted(pem: bytes) -> bytes:
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(pem, None)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"a password"),
    )
