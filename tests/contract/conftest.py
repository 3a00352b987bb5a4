"""The targets of the contract suite: every test runs on each of them.

``scripts/record`` runs the suite to record the cassettes from the emulator or from a live service.
Without it the cassettes are replayed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cache, partial
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
from tests.support.exchanges import Exchange, watched_traffic

TARGETS: Final = ("cassette", "emulator", "live-cassette", "live")
LIVE: Final = "live"
"""Folder for the recordings of a live service, below the folder of the dialect."""

_passed = pytest.StashKey[bool]()
_recorded = pytest.StashKey[list[cassette_index.Entry]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_recorded] = []
    if cassettes.RECORDING not in ("", "emulator", LIVE):
        raise pytest.UsageError(
            "IBMQ_CASSETTES_RECORD must be emulator or live. Use scripts/record"
        )
    if cassettes.RECORDING == LIVE and not live.WANTED:
        raise pytest.UsageError("Recording a live service needs IBMQ_BACKEND_LIVE=1")


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
    """Return the marker that says whether a test on this target starts a process or a server."""
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
        # All tests have run, so a cassette that was not recorded has no test any more.
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
    """All devices, because reading them takes a while."""
    return Catalog()


@pytest.fixture(scope="session")
def engine() -> Iterator[ProcessEngine]:
    """Simulator processes for all tests, because starting one takes seconds."""
    with ProcessEngine(1) as engine:
        yield engine


@pytest.fixture
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """The service under test."""
    factory = request.getfixturevalue("tmp_path_factory")
    targets: dict[str, Callable[[pytest.FixtureRequest, Facts], Any]] = {
        "emulator": _on_emulator,
        "cassette": _recording if cassettes.RECORDING else _on_cassette,
        "live-cassette": _on_live_cassette,
        "live": partial(_live, tmp_path_factory=factory),
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
    """The emulator itself; every exchange is checked against the description."""
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
    """A recording of the emulator, replayed with the network blocked."""
    names = Scrubber(known=_known("")).text
    yield from _replayed(
        request, cassette_path(request.node, facts.dialect), "cassette", facts.renamed(names)
    )


def _on_live_cassette(request: pytest.FixtureRequest, facts: Facts) -> Iterator[Target]:
    """A recording of a live service, replayed with the network blocked."""
    path = cassette_path(request.node, facts.dialect, LIVE)
    entry = cassette_index.read(cassettes.FOLDER)[cassettes.shown(path)]
    facts = live.facts_from_metadata(facts.dialect, entry.facts)
    yield from _replayed(request, path, "live-cassette", facts, entry.facts["login"])


def _replayed(
    request: pytest.FixtureRequest, path: Path, name: str, facts: Facts, instance: str = ""
) -> Iterator[Target]:
    url = cassettes.ORIGIN + ("/api" if facts.dialect == "platform" else "")
    target = Target(name, url, "api-token-1", now=facts.now, facts=facts, instance=instance)
    scrubber = Scrubber(known={"api-token": [target.api_token]})
    with ExitStack() as stack:
        stack.enter_context(network_blocked("cassettes are replayed without a network"))
        replay = stack.enter_context(cassettes.replayed(path, scrubber))
        yield target
        target.close()
    if _has_passed(request):
        replay.check_played()


def _recording(request: pytest.FixtureRequest, facts: Facts) -> Iterator[Target]:
    """The emulator behind real HTTP; the recording is kept if the test passes."""
    path = cassette_path(request.node, facts.dialect)
    with numbered_ids(), _emulator(request, facts) as service:
        target = Target(
            "cassette", _address(service, facts), service.api_token, service, facts.now, facts
        )
        scrubber = Scrubber({service.url: cassettes.ORIGIN}, _known(service.api_token))
        with cassettes.recorded(path, scrubber) as recording:
            yield target
            target.close()
    if _has_passed(request):
        recording.save()
        _add_to_index(request, path, _checked(request, path), "emulator")


def _live(
    request: pytest.FixtureRequest, facts: Facts, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Target]:
    """A real service; the recording is kept if that was requested and the test passes."""
    account = live.account_of(facts.dialect)
    if account is None:
        pytest.skip(live.missing(facts.dialect))
    facts = request.getfixturevalue("live_facts")(account)
    path = cassette_path(request.node, facts.dialect, LIVE)
    is_kept = cassettes.RECORDING == LIVE
    if not is_kept:
        path = tmp_path_factory.mktemp("live") / path.name
    with live.live_target(account, facts, path) as (target, recording):
        yield target
    if len(recording) and (_has_passed(request) or not is_kept):
        recording.save()
        exchanges = _checked(request, path)
        if is_kept:
            _add_to_index(request, path, exchanges, LIVE, live.metadata(account, facts))


@pytest.fixture(scope="session")
def live_facts() -> Callable[[live.LiveAccount], Facts]:
    """Return a function that gets the facts of each live account once."""
    return cache(live.facts_of)


def _has_passed(request: pytest.FixtureRequest) -> bool:
    return bool(request.node.stash.get(_passed, False))


def _checked(request: pytest.FixtureRequest, path: Path) -> list[Exchange]:
    """Return the exchanges of a new cassette; fail if they contradict the description."""
    exchanges = cassettes.read(path)
    found = dialects.findings(
        request.param[0],
        exchanges,
        origin=cassettes.ORIGIN,
        source=path.name,
        strays=_strays(request),
    )
    assert not found, "\n".join(map(str, found))
    return exchanges


def _add_to_index(
    request: pytest.FixtureRequest,
    path: Path,
    exchanges: list[Exchange],
    source: str,
    facts: dict[str, Any] | None = None,
) -> None:
    request.config.stash[_recorded].append(
        cassette_index.entry(
            cassettes.shown(path),
            source,
            datetime.now(UTC).date(),
            exchanges,
            strays=_strays(request),
            facts=facts,
        )
    )
