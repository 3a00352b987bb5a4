"""No output contains a secret when requests fail, for every request of both dialects.

By default some faults are tested; ``IBMQ_BACKEND_DEEP_TESTS=1`` tests all of them.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from ibmq_backend import IBMQ
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.exceptions import IBMQError
from tests.secrets.conftest import DEVICES, Secrets, account_of, engine_of
from tests.secrets.leak_detector import LeakDetector
from tests.secrets.request_faults import FAULTS, RequestFaults
from tests.secrets.session import Session, actions, circuit, logged_in

USUAL_FAULTS = ("unauthorized", "replaced values", "no connection")
# Read now, because every test runs without the variables of this package.
TESTED_FAULTS = FAULTS if os.environ.get("IBMQ_BACKEND_DEEP_TESTS") == "1" else USUAL_FAULTS


@pytest.mark.parametrize("fault", TESTED_FAULTS)
@pytest.mark.parametrize("dialect", DEVICES)
def test_no_secret_leaks_when_requests_fail(
    dialect: str,
    fault: str,
    service: LocalService,
    detector: LeakDetector,
    faults: RequestFaults,
    drawn_secrets: Secrets,
) -> None:
    session = Session(detector, faults)
    arguments, options = account_of(dialect, service, drawn_secrets.api_token)

    def log_in() -> Any:
        with logged_in(*arguments, **options) as provider:
            return provider

    session.run_with_failures("log in", log_in, FAULTS[fault])
    with logged_in(*arguments, **options) as provider:
        backend = provider.get_backend(DEVICES[dialect])
        done = backend.run(circuit(), shots=10)
        done.result(timeout=120)
        engine_of(service).hold()
        waiting = backend.run(circuit(), shots=10)
        ids = done.job_id(), waiting.job_id()
        for name, action in actions(provider, DEVICES[dialect], *ids).items():
            session.run_with_failures(name, action, FAULTS[fault])
        engine_of(service).release()
    assert detector.leaks() == []
    assert len(session.errors) > 15
    assert detector.text_count > 500
    assert {"API token", "access token", "account of the CRN"} <= set(detector.secrets.values())
    other_errors = {
        where: error
        for where, error in session.errors.items()
        if not isinstance(error, IBMQError | KeyboardInterrupt)
    }
    assert other_errors == {}


@pytest.mark.parametrize("dialect", DEVICES)
def test_no_secret_leaks_when_everything_works(
    dialect: str,
    service: LocalService,
    detector: LeakDetector,
    faults: RequestFaults,
    drawn_secrets: Secrets,
) -> None:
    session = Session(detector, faults)
    arguments, options = account_of(dialect, service, drawn_secrets.api_token)
    with logged_in(*arguments, **options) as provider:
        session.run("account", lambda: IBMQ)
        session.run("provider", lambda: provider)
        session.run("service", lambda: provider.backend)
        backend = session.run("backend", lambda: provider.get_backend(DEVICES[dialect]))
        job = session.run("run", lambda: backend.run(circuit(), shots=10))
        session.run("result", lambda: job.result(timeout=120))
        session.run("credentials", lambda: provider.credentials)
        session.run("job", lambda: job)
        for name, action in actions(provider, DEVICES[dialect], job.job_id(), job.job_id()).items():
            session.run(name, action)
    assert session.errors.keys() <= {
        "cancel"
    }  # on the platform, jobs that have ended cannot be cancelled
    assert detector.leaks() == []


@pytest.mark.parametrize("dialect", DEVICES)
def test_no_secret_leaks_when_the_login_is_refused(
    dialect: str,
    service: LocalService,
    detector: LeakDetector,
    faults: RequestFaults,
    drawn_secrets: Secrets,
) -> None:
    session = Session(detector, faults)
    for token in (drawn_secrets.wrong_token, f"{drawn_secrets.wrong_token}\nmore", 5):
        arguments, options = account_of(dialect, service, token)
        session.run(
            f"log in with {type(token)}", lambda: IBMQ.enable_account(*arguments, **options)
        )
        session.run("save", lambda: IBMQ.save_account(*arguments, **options))
    session.run("far", lambda: IBMQ.enable_account(drawn_secrets.api_token, "http://far.invalid"))
    session.echoes_secrets = True  # URLs are not hidden in variables
    swapped, options = account_of(dialect, service, drawn_secrets.api_token)
    session.run("swapped", lambda: IBMQ.enable_account(*reversed(swapped), **options))
    assert len(session.errors) >= 3
    assert detector.leaks() == []


@pytest.mark.parametrize("dialect", DEVICES)
def test_pickles_contain_no_secret_and_use_the_active_account(
    dialect: str,
    service: LocalService,
    detector: LeakDetector,
    faults: RequestFaults,
    drawn_secrets: Secrets,
) -> None:
    import pickle

    arguments, options = account_of(dialect, service, drawn_secrets.api_token)
    if dialect == "platform":
        options["instance"] = service.crn
    with logged_in(*arguments, **options) as provider:
        backend = provider.get_backend(DEVICES[dialect])
        job = backend.run(circuit(), shots=10)
        pickles = {
            name: pickle.dumps(thing)
            for name, thing in {"provider": provider, "backend": backend, "job": job}.items()
        }
        counts = job.result(timeout=120).get_counts()
    for name, content in pickles.items():
        detector.add_text(name, content)
    loaded = pickle.loads(pickles["backend"])
    detector.add_object("backend without an account", loaded)
    with pytest.raises(IBMQError) as refusal:
        loaded.status()
    detector.add_error("backend without an account", refusal.value)
    assert detector.leaks() == []
    with logged_in(*arguments, **options):
        assert pickle.loads(pickles["job"]).result(timeout=120).get_counts() == counts
        assert loaded.status().operational
