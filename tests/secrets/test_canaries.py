"""No secret leaves: every request of both dialects fails in every way, and everything is read.

By default a part of the ways; ``IBMQ_BACKEND_DEEP_TESTS=1`` tries all of them.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from ibmq_backend import IBMQ
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.exceptions import IBMQError
from tests.secrets.conftest import DEVICES, Secrets, account_of, engine_of
from tests.secrets.session import Session, actions, circuit, logged_in
from tests.secrets.watch import Watch
from tests.secrets.wire import FAULTS, Wire

USUAL = ("unauthorized", "retyped", "no connection")
# Read now: every test runs without the variables of this package.
TRIED = FAULTS if os.environ.get("IBMQ_BACKEND_DEEP_TESTS") == "1" else USUAL


@pytest.mark.parametrize("fault", TRIED)
@pytest.mark.parametrize("dialect", DEVICES)
def test_nothing_leaves_when_requests_fail(
    dialect: str, fault: str, service: LocalService, watch: Watch, wire: Wire, drawn: Secrets
) -> None:
    session = Session(watch, wire)
    arguments, options = account_of(dialect, service, drawn.api_token)

    def log_in() -> Any:
        with logged_in(*arguments, **options) as provider:
            return provider

    session.do_broken("log in", log_in, FAULTS[fault])
    with logged_in(*arguments, **options) as provider:
        backend = provider.get_backend(DEVICES[dialect])
        done = backend.run(circuit(), shots=10)
        done.result(timeout=30)
        engine_of(service).hold()
        waiting = backend.run(circuit(), shots=10)
        ids = done.job_id(), waiting.job_id()
        for name, action in actions(provider, DEVICES[dialect], *ids).items():
            session.do_broken(name, action, FAULTS[fault])
        engine_of(service).release()
    assert watch.hits() == []
    assert len(session.errors) > 15
    assert watch.kept > 500
    assert {"API token", "access token", "account of the CRN"} <= set(watch.secrets.values())
    bare = {
        where: error
        for where, error in session.errors.items()
        if not isinstance(error, IBMQError | KeyboardInterrupt)
    }
    assert bare == {}


@pytest.mark.parametrize("dialect", DEVICES)
def test_nothing_leaves_when_everything_works(
    dialect: str, service: LocalService, watch: Watch, wire: Wire, drawn: Secrets
) -> None:
    session = Session(watch, wire)
    arguments, options = account_of(dialect, service, drawn.api_token)
    with logged_in(*arguments, **options) as provider:
        session.do("account", lambda: IBMQ)
        session.do("provider", lambda: provider)
        session.do("service", lambda: provider.backend)
        backend = session.do("backend", lambda: provider.get_backend(DEVICES[dialect]))
        job = session.do("run", lambda: backend.run(circuit(), shots=10))
        session.do("result", lambda: job.result(timeout=30))
        session.do("credentials", lambda: provider.credentials)
        session.do("job", lambda: job)
        for name, action in actions(provider, DEVICES[dialect], job.job_id(), job.job_id()).items():
            session.do(name, action)
    assert session.errors.keys() <= {"cancel"}  # platform: what has ended cannot be cancelled
    assert watch.hits() == []


@pytest.mark.parametrize("dialect", DEVICES)
def test_nothing_leaves_when_the_login_is_refused(
    dialect: str, service: LocalService, watch: Watch, wire: Wire, drawn: Secrets
) -> None:
    session = Session(watch, wire)
    for token in (drawn.wrong_token, f"{drawn.wrong_token}\nmore", 5):
        arguments, options = account_of(dialect, service, token)
        session.do(f"log in with {type(token)}", lambda: IBMQ.enable_account(*arguments, **options))
        session.do("save", lambda: IBMQ.save_account(*arguments, **options))
    session.do("far", lambda: IBMQ.enable_account(drawn.api_token, "http://far.invalid"))
    session.broken_by_words = True  # an address stays readable in variables
    swapped, options = account_of(dialect, service, drawn.api_token)
    session.do("swapped", lambda: IBMQ.enable_account(*reversed(swapped), **options))
    assert len(session.errors) >= 3
    assert watch.hits() == []


@pytest.mark.parametrize("dialect", DEVICES)
def test_pickles_hold_no_secret_and_find_their_account_again(
    dialect: str, service: LocalService, watch: Watch, wire: Wire, drawn: Secrets
) -> None:
    import pickle

    arguments, options = account_of(dialect, service, drawn.api_token)
    if dialect == "platform":
        options["instance"] = service.crn
    with logged_in(*arguments, **options) as provider:
        backend = provider.get_backend(DEVICES[dialect])
        job = backend.run(circuit(), shots=10)
        pickles = {
            name: pickle.dumps(thing)
            for name, thing in {"provider": provider, "backend": backend, "job": job}.items()
        }
        counts = job.result(timeout=30).get_counts()
    for name, content in pickles.items():
        watch.keep(name, content)
    lonely = pickle.loads(pickles["backend"])
    watch.thing("backend without an account", lonely)
    with pytest.raises(IBMQError) as refusal:
        lonely.status()
    watch.error("backend without an account", refusal.value)
    assert watch.hits() == []
    with logged_in(*arguments, **options):
        assert pickle.loads(pickles["job"]).result(timeout=30).get_counts() == counts
        assert lonely.status().operational
