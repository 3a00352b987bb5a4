"""The key of the service that IBMQ starts is known only to its process."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from ibmq_backend import IBMQ
from ibmq_backend.account import local
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.exceptions import ApiAuthError, IBMQError
from tests.secrets.leak_detector import LeakDetector, files_below
from tests.secrets.session import circuit
from tests.support.emulated_platform import GRANT


@pytest.fixture
def own(clean_account: Path, detector: LeakDetector) -> Iterator[LocalService]:
    """Run the service of ``IBMQ``, with the detector from the start."""
    local.stop()
    IBMQ.enable_local(persist=True)
    running = local.start(persist=True)
    detector.add_secret("key of the local service", running.api_token)
    yield running
    IBMQ.disable_account()
    local.stop()


def log_in(service: LocalService, token: str) -> list[httpx.Response]:
    """Log in as another program of this machine can, in both dialects and with the key."""
    form = {"grant_type": GRANT, "apikey": token}
    search = {"query": "service_name:quantum-computing"}
    with httpx.Client(trust_env=False) as http:
        return [
            http.post(f"{service.url}/api/users/loginWithToken", json={"apiToken": token}),
            http.post(f"{service.url}/identity/token", data=form),
            http.post(
                f"{service.url}/v3/resources/search",
                json=search,
                headers={"Authorization": f"apikey {token}"},
            ),
        ]


def test_other_programs_are_refused(own: LocalService, detector: LeakDetector) -> None:
    with LocalService(prewarm=False) as other:
        assert [reply.status_code for reply in log_in(own, other.api_token)] == [401, 400, 401]
    replies = log_in(own, "a key of somebody else")
    assert [reply.status_code for reply in replies] == [401, 400, 401]
    assert [reply.status_code for reply in log_in(own, own.api_token)] == [200, 200, 200]
    for header in ({"Host": "rebound.example"}, {"Origin": "http://rebound.example"}):
        for path in ("/api/version", "/identity/token", "/admin/jobs", "/v1/jobs", "/nothing"):
            assert httpx.get(own.url + path, headers=header).status_code == 403
    for path in ("/admin/jobs", "/api/admin/jobs"):
        headers = {"Authorization": f"Bearer {own.api_token}"}
        assert httpx.get(own.url + path, headers=headers).status_code == 403
    for reply in replies:
        detector.add_text("reply", reply.text)
    IBMQ.disable_account()
    with pytest.raises(ApiAuthError) as caught:
        IBMQ.enable_account("a key of somebody else", own.url)
    detector.add_error("refused", caught.value)
    IBMQ.enable_local(persist=True)
    assert detector.leaks() == []


def test_key_is_not_shown_sent_or_stored(
    own: LocalService, detector: LeakDetector, clean_account: Path
) -> None:
    provider = IBMQ.get_provider(hub="ibm-q")
    backend = provider.get_backend("ibmq_vigo")
    job = backend.run(circuit(), shots=10)
    assert job.result(timeout=120).success
    for name, thing in {
        "service": own,
        "state": own.service_state,
        "accounts": own.service_state.accounts,
        "provider": provider,
        "credentials": provider.credentials,
        "backend": backend,
        "job": job,
        "factory": IBMQ,
    }.items():
        detector.add_object(name, thing, pickled=name not in ("service", "state", "accounts"))
    detector.add_object("copy", copy.copy(provider), pickled=True)
    children = psutil.Process().children(recursive=True)
    examined = []
    for child in children:
        with suppress(psutil.NoSuchProcess):  # one of another test that has just ended
            detector.add_text("command line", " ".join(child.cmdline()))
            detector.add_text("environment", repr(child.environ()))
            examined.append(child)
    assert examined
    for name, content in files_below(clean_account):
        detector.add_text(name, content)
    own.stop()
    for action in (backend.status, backend.jobs, lambda: backend.run(circuit())):
        with pytest.raises(IBMQError) as caught:
            action()
        detector.add_error("stopped", caught.value)
    assert detector.text_count > 50
    assert detector.leaks() == []
