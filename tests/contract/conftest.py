"""One suite, several targets.

``--record-mode=rewrite``, which ``scripts/record`` gives, records the cassettes; without it they
are replayed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from pytest_recording.network import blocking_context

from ibmq_backend.api.port import AccountClient
from ibmq_backend.emulator.devices import Catalog
from ibmq_backend.emulator.engine import ProcessEngine
from tests.contract.targets import Target, emulator, numbered_ids
from tests.support import cassette_index, cassettes, contract_page
from tests.support.exchanges import watched_traffic
from tests.support.scrub import Scrubber
from tests.support.spec_check import contract

DIALECT: Final = "classic"
TARGETS: Final = ("cassette", "emulator", "live")

# Read now: every test runs without the variables that name an account.
_LIVE: Final = os.environ.get("IBMQ_BACKEND_LIVE") == "1"
_LIVE_URL: Final = os.environ.get("QE_URL", "")
_LIVE_TOKEN: Final = os.environ.get("QE_TOKEN", "")

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
        names = [name for name in wanted if _is_offered(metafunc.definition, name)]
        metafunc.parametrize(
            "target", names, ids=[f"{DIALECT}-{name}" for name in names], indirect=True
        )


def _is_offered(node: pytest.Item, name: str) -> bool:
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
        cassette_index.prune(cassettes.FOLDER, DIALECT, {entry.path for entry in entries})
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
    targets: dict[str, Callable[[pytest.FixtureRequest], Any]] = {
        "emulator": _on_emulator,
        "cassette": _recording if _is_recording(request.config) else _on_cassette,
        "live": _live,
    }
    yield from targets[request.param](request)


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


def cassette_path(request: pytest.FixtureRequest) -> Path:
    """The cassette of a test."""
    module, name = Path(request.node.path).stem, request.node.originalname
    return cassettes.FOLDER / DIALECT / module / f"{name}.yaml"


def _emulator(request: pytest.FixtureRequest) -> Any:
    return emulator(
        request.getfixturevalue("catalog"),
        request.getfixturevalue("engine"),
        _settings(request),
    )


def _on_emulator(request: pytest.FixtureRequest) -> Iterator[Target]:
    """The emulator itself; every reply is held to the description."""
    with _emulator(request) as service, watched_traffic() as exchanges:
        target = Target("emulator", service.url, service.api_token, service)
        base = service.url
        yield target
        target.close()
    found = contract(DIALECT).findings(
        exchanges, base=base, source="emulator", strays=_strays(request)
    )
    assert exchanges
    assert not found, "\n".join(map(str, found))


def _on_cassette(request: pytest.FixtureRequest) -> Iterator[Target]:
    """A recording, strictly replayed with the network off."""
    target = Target("cassette", cassettes.ORIGIN, "api-token-1")
    scrubber = Scrubber(known={"api-token": [target.api_token]})
    with ExitStack() as stack:
        stack.enter_context(blocking_context(allowed_hosts=[]))
        replay = stack.enter_context(cassettes.replayed(cassette_path(request), scrubber))
        yield target
        target.close()
    if request.node.stash.get(_passed, False):
        cassettes.assert_played(replay, cassette_path(request))


def _recording(request: pytest.FixtureRequest) -> Iterator[Target]:
    """The emulator behind real HTTP, recorded; kept when test and description agree."""
    path, strays = cassette_path(request), _strays(request)
    known = cassette_index.read(cassettes.FOLDER).get(cassettes.shown(path))
    if known is not None and known.source != "emulator":
        pytest.skip(f"{known.path} is a recording of the real service; it cannot be made again")
    with numbered_ids(), _emulator(request) as service:
        target = Target("cassette", service.url, service.api_token, service)
        scrubber = Scrubber({service.url: cassettes.ORIGIN}, {"api-token": [service.api_token]})
        with cassettes.recorded(scrubber) as recording:
            yield target
            target.close()
    if not request.node.stash.get(_passed, False):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(recording.text, encoding="utf-8")
    found = contract(DIALECT).findings(
        cassettes.read(path), base=cassettes.ORIGIN, source=path.name, strays=strays
    )
    assert not found, "\n".join(map(str, found))
    request.config.stash[_recorded].append(
        cassette_index.entry(
            cassettes.shown(path), DIALECT, "emulator", datetime.now(UTC).date(), strays
        )
    )


def _live(request: pytest.FixtureRequest) -> Iterator[Target]:
    """A real service, only when asked for."""
    if not (_LIVE_URL and _LIVE_TOKEN):
        pytest.skip("IBMQ_BACKEND_LIVE=1 needs QE_URL and QE_TOKEN too")
    target = Target("live", _LIVE_URL, _LIVE_TOKEN, now=datetime.now(UTC))
    yield target
    target.close()
