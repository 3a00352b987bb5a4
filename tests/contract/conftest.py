"""One suite, several targets.

``--record-mode=rewrite``, which ``scripts/record`` gives, records the cassettes; without it they
are replayed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from pytest_recording.network import blocking_context

from ibmq_backend.api.platform import calls
from ibmq_backend.api.platform.instances import instance_of_crn
from ibmq_backend.api.port import AccountClient
from ibmq_backend.emulator.devices import Catalog
from ibmq_backend.emulator.embedded import LocalService
from ibmq_backend.emulator.engine import ProcessEngine
from ibmq_backend.emulator.platform.instances import ACCOUNT_ID
from ibmq_backend.testing.scrub import Scrubber
from tests.contract.facts import FACTS, PLATFORM_INSTANCES, Facts
from tests.contract.targets import Target, emulator, numbered_ids
from tests.support import cassette_index, cassettes, contract_page, dialects
from tests.support.dialects import DIALECTS
from tests.support.exchanges import watched_traffic

TARGETS: Final = ("cassette", "emulator", "live")

# Read now: every test runs without the variables that name an account.
_LIVE: Final = os.environ.get("IBMQ_BACKEND_LIVE") == "1"
_LIVE_ACCOUNTS: Final = {
    dialect: tuple(os.environ.get(name, "") for name in names)
    for dialect, names in {
        "classic": ("QE_URL", "QE_TOKEN"),
        "platform": ("QISKIT_IBM_URL", "QISKIT_IBM_TOKEN", "QISKIT_IBM_INSTANCE"),
    }.items()
}

_passed = pytest.StashKey[bool]()
_recorded = pytest.StashKey[list[cassette_index.Entry]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_recorded] = []
    if config.getoption("--record-mode") not in (None, "none", "rewrite"):
        raise pytest.UsageError("Cassettes are rewritten as a whole: use scripts/record.")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "target" in metafunc.fixturenames:
        recording = _is_recording(metafunc.config)
        wanted = ("cassette",) if recording else TARGETS if _LIVE else TARGETS[:2]
        names = [
            (dialect, name)
            for dialect in DIALECTS
            for name in wanted
            if _is_offered(metafunc.definition, dialect, name)
        ]
        metafunc.parametrize("target", names, ids=map("-".join, names), indirect=True)


def _is_offered(node: pytest.Item, dialect: str, name: str) -> bool:
    offered = FACTS[dialect].capabilities | FACTS[dialect].traits
    if not all(offered.issuperset(marker.args) for marker in node.iter_markers("needs")):
        return False
    if not all(offered.isdisjoint(marker.args) for marker in node.iter_markers("lacks")):
        return False
    if name == "cassette":
        return node.get_closest_marker("streams") is None
    return name != "live" or node.get_closest_marker("service") is None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    if report.when == "call":
        item.stash[_passed] = report.passed
    return report


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    entries = session.config.stash[_recorded]
    if not entries:
        return
    chosen = session.config.option
    whole = not chosen.keyword and chosen.markexpr == "not streams"
    if exitstatus == pytest.ExitCode.OK and whole:
        # All tests have been here: a cassette that none of them recorded has lost its test.
        for dialect in DIALECTS:
            cassette_index.prune(cassettes.FOLDER, dialect, {entry.path for entry in entries})
    cassette_index.update(cassettes.FOLDER, entries)
    contract_page.write(cassettes.FOLDER)


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """All devices; reading them costs a while."""
    return Catalog()


@pytest.fixture(scope="session")
def engine() -> Iterator[ProcessEngine]:
    """Simulator processes for all tests: starting one takes seconds."""
    with ProcessEngine(1) as engine:
        yield engine


@pytest.fixture
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """The service under test."""
    targets: dict[str, Callable[[pytest.FixtureRequest, Facts], Any]] = {
        "emulator": _on_emulator,
        "cassette": _recording if _is_recording(request.config) else _on_cassette,
        "live": _live,
    }
    dialect, name = request.param
    with pytest.MonkeyPatch.context() as patch:
        if marker := request.node.get_closest_marker("api_version"):
            patch.setattr(calls, "API_VERSION", marker.args[0])
        yield from targets[name](request, FACTS[dialect])


@pytest.fixture
def account(target: Target) -> AccountClient:
    """The default instance of a logged-in account."""
    return target.account()


def _is_recording(config: pytest.Config) -> bool:
    return bool(config.getoption("--record-mode") == "rewrite")


def _settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    marker = request.node.get_closest_marker("service")
    return {} if marker is None else dict(marker.kwargs)


def _strays(request: pytest.FixtureRequest) -> tuple[str, ...]:
    marker = request.node.get_closest_marker("strays")
    return () if marker is None else marker.args


def cassette_path(request: pytest.FixtureRequest, dialect: str) -> Path:
    """The cassette of a test in a dialect."""
    module, name = Path(request.node.path).stem, request.node.originalname
    return cassettes.FOLDER / dialect / module / f"{name}.yaml"


def _emulator(request: pytest.FixtureRequest, facts: Facts) -> Any:
    return emulator(
        request.getfixturevalue("catalog"),
        request.getfixturevalue("engine"),
        _settings(request),
        facts.now,
    )


def _known(api_token: str) -> dict[str, list[str]]:
    return {
        "api-token": [api_token],
        "account": [ACCOUNT_ID],
        "instance": [instance.guid for instance in PLATFORM_INSTANCES],
    }


def _address(service: LocalService, facts: Facts) -> str:
    return service.platform_url if facts.dialect == "platform" else service.url


def _on_emulator(request: pytest.FixtureRequest, facts: Facts) -> Iterator[Target]:
    """The emulator itself; every reply is held to the description."""
    with _emulator(request, facts) as service, watched_traffic() as exchanges:
        target = Target(
            "emulator", _address(service, facts), service.api_token, service, facts.now, facts
        )
        origin = service.url
        yield target
        target.close()
    found = dialects.findings(
        facts.dialect, exchanges, origin=origin, source="emulator", strays=_strays(request)
    )
    assert exchanges
    assert not found, "\n".join(map(str, found))


def _on_cassette(request: pytest.FixtureRequest, facts: Facts) -> Iterator[Target]:
    """A recording, strictly replayed with the network off."""
    path = cassette_path(request, facts.dialect)
    names = Scrubber(known=_known("")).text
    url = cassettes.ORIGIN + ("/api" if facts.dialect == "platform" else "")
    target = Target("cassette", url, "api-token-1", now=facts.now, facts=facts.renamed(names))
    scrubber = Scrubber(known={"api-token": [target.api_token]})
    with ExitStack() as stack:
        stack.enter_context(blocking_context(allowed_hosts=[]))
        replay = stack.enter_context(cassettes.replayed(path, scrubber))
        yield target
        target.close()
    if request.node.stash.get(_passed, False):
        replay.check_played()


def _recording(request: pytest.FixtureRequest, facts: Facts) -> Iterator[Target]:
    """The emulator behind real HTTP, recorded; kept when test and description agree."""
    path, strays = cassette_path(request, facts.dialect), _strays(request)
    known = cassette_index.read(cassettes.FOLDER).get(cassettes.shown(path))
    if known is not None and known.source != "emulator":
        pytest.skip(f"{known.path} is a recording of the real service; it cannot be made again")
    with numbered_ids(), _emulator(request, facts) as service:
        target = Target(
            "cassette", _address(service, facts), service.api_token, service, facts.now, facts
        )
        scrubber = Scrubber({service.url: cassettes.ORIGIN}, _known(service.api_token))
        with cassettes.recorded(scrubber) as recording:
            yield target
            target.close()
    if not request.node.stash.get(_passed, False):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(recording.text, encoding="utf-8")
    found = dialects.findings(
        facts.dialect,
        cassettes.read(path),
        origin=cassettes.ORIGIN,
        source=path.name,
        strays=strays,
    )
    assert not found, "\n".join(map(str, found))
    request.config.stash[_recorded].append(
        cassette_index.entry(
            cassettes.shown(path), facts.dialect, "emulator", datetime.now(UTC).date(), strays
        )
    )


def _live(request: pytest.FixtureRequest, facts: Facts) -> Iterator[Target]:
    """A real service, only when asked for."""
    account = _LIVE_ACCOUNTS[facts.dialect]
    if not all(account):
        pytest.skip(f"IBMQ_BACKEND_LIVE=1 needs the variables of a {facts.dialect} account too")
    if account[2:]:
        facts = replace(facts, instance=instance_of_crn(account[2]))
    target = Target("live", account[0], account[1], now=datetime.now(UTC), facts=facts)
    yield target
    target.close()
