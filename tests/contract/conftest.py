"""One suite, several targets.

``scripts/record`` runs it to record the cassettes, from the emulator or from a live service;
otherwise they are replayed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from ibmq_backend.api.platform import calls
from ibmq_backend.api.port import AccountClient
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.engine.engine import ProcessEngine
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.platform.state.instances import ACCOUNT_ID
from ibmq_backend.testing.network_block import network_blocked
from ibmq_backend.testing.scrub import Scrubber
from tests.contract import live
from tests.contract.facts import FACTS, PLATFORM_INSTANCES, Facts
from tests.contract.targets import Target, emulator, numbered_ids
from tests.support import cassette_index, cassettes, dialects
from tests.support.dialects import DIALECTS
from tests.support.exchanges import watched_traffic

TARGETS: Final = ("cassette", "emulator", "live-cassette", "live")
LIVE: Final = "live"
"""Folder of the recordings of a live service, below that of their dialect."""

_passed = pytest.StashKey[bool]()
_recorded = pytest.StashKey[list[cassette_index.Entry]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_recorded] = []
    if cassettes.RECORDING not in ("", "emulator", LIVE):
        raise pytest.UsageError("IBMQ_CASSETTES_RECORD is emulator or live: use scripts/record")
    if cassettes.RECORDING == LIVE and not live.WANTED:
        raise pytest.UsageError("recording a live service needs IBMQ_BACKEND_LIVE=1")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "target" in metafunc.fixturenames:
        offered = [
            pytest.param((dialect, name), id=f"{dialect}-{name}", marks=_mark(name))
            for dialect in DIALECTS
            for name in _wanted()
            if _is_offered(metafunc.definition, dialect, name)
        ]
        metafunc.parametrize("target", offered, indirect=True)


def _mark(name: str) -> pytest.MarkDecorator:
    """Say whether a test on this target starts something: its fixture may do either."""
    is_replayed = name in ("cassette", "live-cassette") and not cassettes.RECORDING
    return pytest.mark.fast if is_replayed else pytest.mark.integration


@cache
def _known_cassettes() -> Collection[str]:
    return cassette_index.read(cassettes.FOLDER).keys()


def _wanted() -> tuple[str, ...]:
    if cassettes.RECORDING:
        return ("cassette",) if cassettes.RECORDING == "emulator" else (LIVE,)
    return TARGETS if live.WANTED else TARGETS[:-1]


def _is_offered(node: pytest.Item, dialect: str, name: str) -> bool:
    offered = FACTS[dialect].capabilities | FACTS[dialect].traits
    if not all(offered.issuperset(marker.args) for marker in node.iter_markers("needs")):
        return False
    if not all(offered.isdisjoint(marker.args) for marker in node.iter_markers("lacks")):
        return False
    if name == "cassette":
        return node.get_closest_marker("streams") is None
    if name == "live-cassette":
        path = cassette_path(node, dialect, LIVE)
        return cassettes.shown(path) in _known_cassettes()
    return name != LIVE or node.get_closest_marker("live") is not None


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
    if exitstatus == pytest.ExitCode.OK and whole and cassettes.RECORDING == "emulator":
        # All tests have been here: a cassette that none of them recorded has lost its test.
        for dialect in DIALECTS:
            cassette_index.prune(cassettes.FOLDER, dialect, {entry.path for entry in entries})
    cassette_index.update(cassettes.FOLDER, entries)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    warning = cassette_index.age_warning(cassettes.FOLDER, datetime.now(UTC).date())
    if warning:
        terminalreporter.section("age of the cassettes")
        terminalreporter.line(warning)


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
        "cassette": _recording if cassettes.RECORDING else _on_cassette,
        "live-cassette": _on_live_cassette,
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


def _settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    marker = request.node.get_closest_marker("service")
    return {} if marker is None else dict(marker.kwargs)


def _strays(request: pytest.FixtureRequest) -> tuple[str, ...]:
    marker = request.node.get_closest_marker("strays")
    return () if marker is None else marker.args


def cassette_path(node: pytest.Item, dialect: str, folder: str = "") -> Path:
    """The cassette of a test in a dialect."""
    name = getattr(node, "originalname", None) or node.name
    return cassettes.FOLDER / dialect / folder / Path(node.path).stem / f"{name}.yaml"


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
    """A recording of the emulator, strictly replayed with the network off."""
    names = Scrubber(known=_known("")).text
    yield from _replayed(
        request, cassette_path(request.node, facts.dialect), "cassette", facts.renamed(names)
    )


def _on_live_cassette(request: pytest.FixtureRequest, facts: Facts) -> Iterator[Target]:
    """A recording of a live service, replayed likewise."""
    path = cassette_path(request.node, facts.dialect, LIVE)
    entry = cassette_index.read(cassettes.FOLDER)[cassettes.shown(path)]
    recalled = live.recalled(facts.dialect, entry.facts)
    yield from _replayed(request, path, "live-cassette", recalled, entry.facts["login"])


def _replayed(
    request: pytest.FixtureRequest, path: Path, name: str, facts: Facts, instance: str = ""
) -> Iterator[Target]:
    url = cassettes.ORIGIN + ("/api" if facts.dialect == "platform" else "")
    target = Target(name, url, "api-token-1", now=facts.now, facts=facts, instance=instance)
    scrubber = Scrubber(known={"api-token": [target.api_token]})
    with ExitStack() as stack:
        stack.enter_context(network_blocked("cassettes are replayed with the network off"))
        replay = stack.enter_context(cassettes.replayed(path, scrubber))
        yield target
        target.close()
    if request.node.stash.get(_passed, False):
        replay.check_played()


def _recording(request: pytest.FixtureRequest, facts: Facts) -> Iterator[Target]:
    """The emulator behind real HTTP, recorded; kept when test and description agree."""
    path = cassette_path(request.node, facts.dialect)
    with numbered_ids(), _emulator(request, facts) as service:
        target = Target(
            "cassette", _address(service, facts), service.api_token, service, facts.now, facts
        )
        scrubber = Scrubber({service.url: cassettes.ORIGIN}, _known(service.api_token))
        with cassettes.recorded(scrubber) as recording:
            yield target
            target.close()
    if request.node.stash.get(_passed, False):
        _keep(request, path, recording.text, "emulator")


def _live(request: pytest.FixtureRequest, facts: Facts) -> Iterator[Target]:
    """A real service, only when asked for; recorded when that was asked for too."""
    account = live.account_of(facts.dialect)
    if account is None:
        pytest.skip(live.missing(facts.dialect))
    facts = request.getfixturevalue("live_facts")(account)
    with live.live_target(account, facts) as (target, recorder):
        yield target
    exchanges = recorder.scrubbed()
    found = dialects.findings(
        facts.dialect,
        exchanges,
        origin=cassettes.ORIGIN,
        source="live",
        strays=_strays(request),
    )
    assert not found, "\n".join(map(str, found))
    if cassettes.RECORDING == LIVE and exchanges and request.node.stash.get(_passed, False):
        noted = live.noted(account, facts)
        path = cassette_path(request.node, facts.dialect, LIVE)
        _keep(request, path, recorder.text(secrets=_secrets(account, facts)), LIVE, noted)


def _secrets(account: live.LiveAccount, facts: Facts) -> list[str]:
    return [account.token, *(one.crn for one in facts.instances if one.crn)]


@pytest.fixture(scope="session")
def live_facts() -> Callable[[live.LiveAccount], Facts]:
    """Finds out about each live account once."""
    return cache(live.facts_of)


def _keep(
    request: pytest.FixtureRequest,
    path: Path,
    text: str,
    source: str,
    noted: dict[str, Any] | None = None,
) -> None:
    """Write a recording that is as described, and remember its entry in the index."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    dialect, strays, exchanges = request.param[0], _strays(request), cassettes.read(path)
    found = dialects.findings(
        dialect, exchanges, origin=cassettes.ORIGIN, source=path.name, strays=strays
    )
    assert not found, "\n".join(map(str, found))
    request.config.stash[_recorded].append(
        cassette_index.entry(
            cassettes.shown(path),
            source,
            datetime.now(UTC).date(),
            exchanges,
            strays=strays,
            facts=noted,
        )
    )
