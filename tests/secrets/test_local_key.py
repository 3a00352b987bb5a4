"""The key of the service that IBMQ starts for itself: only its own process knows it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from ibmq_backend import IBMQ
from ibmq_backend.account import local
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.exceptions import ApiAuthError, IBMQError
from tests.secrets.session import circuit
from tests.secrets.watch import Watch, files_below
from tests.support.emulated_platform import GRANT


@pytest.fixture
def own(clean_account: Path, watch: Watch) -> Iterator[LocalService]:
    """The service behind ``IBMQ``; what happens before is looked at, too."""
    local.stop()
    IBMQ.enable_local(persist=True)
    running = local.start(persist=True)
    watch.learn("key of the local service", running.api_token)
    yield running
    IBMQ.disable_account()
    local.stop()


def log_in(service: LocalService, token: str) -> list[httpx.Response]:
    """Log in as any program of this machine can, in both dialects and with the key itself."""
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


def test_other_programs_of_the_machine_are_refused(own: LocalService, watch: Watch) -> None:
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
        watch.keep("reply", reply.text)
    IBMQ.disable_account()
    with pytest.raises(ApiAuthError) as caught:
        IBMQ.enable_account("a key of somebody else", own.url)
    watch.error("refused", caught.value)
    IBMQ.enable_local(persist=True)
    assert watch.hits() == []


def test_the_key_leaves_in_nothing_that_is_shown_sent_or_stored(
    own: LocalService, watch: Watch, clean_account: Path
) -> None:
    provider = IBMQ.get_provider(hub="ibm-q")
    backend = provider.get_backend("ibmq_vigo")
    job = backend.run(circuit(), shots=10)
    assert job.result(timeout=120).success
    for name, thing in {
        "service": own,
        "world": own.service_state,
        "accounts": own.service_state.accounts,
        "provider": provider,
        "credentials": provider.credentials,
        "backend": backend,
        "job": job,
        "factory": IBMQ,
    }.items():
        watch.thing(name, thing, pickled=name not in ("service", "world", "accounts"))
    watch.thing("copy", copy.copy(provider), pickled=True)
    children = psutil.Process().children(recursive=True)
    assert children
    for child in children:
        watch.keep("command line", " ".join(child.cmdline()))
        watch.keep("environment", repr(child.environ()))
    for name, content in files_below(clean_account):
        watch.keep(name, content)
    own.stop()
    for action in (backend.status, backend.jobs, lambda: backend.run(circuit())):
        with pytest.raises(IBMQError) as caught:
            action()
        watch.error("stopped", caught.value)
    assert watch.kept > 50
    assert watch.hits() == []
