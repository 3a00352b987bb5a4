"""The pytest plugin: loaded by every pytest of its environment, so it loads nothing itself."""

from __future__ import annotations

import shlex
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import pytest

if TYPE_CHECKING:
    from ibmq_backend.emulator.faults.plan import FaultPlan
    from ibmq_backend.testing.cassette import IBMQCassette, Place
    from ibmq_backend.testing.local_place import LocalIBMQ, Workshop
    from ibmq_backend.testing.official_client import LocalPlatform

_MARKERS: Final = (
    "ibmq_local(**settings): settings of this test's emulator, such as seed=7",
    "ibmq_cassette(name=None, ordered=True): file name of this test's cassette; "
    "ordered=False for programs that ask from several threads",
    "ibmq_faults(*script): what goes wrong in this test's emulator: faults, or a file of them",
    "ibmq_block_network: this test may not reach another machine",
    "ibmq_network: this test may, although the others may not",
)
_LARGE_BYTES: Final = 200_000

_passed = pytest.StashKey[bool]()
_written = pytest.StashKey[list[tuple[str, int]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare options and ini options."""
    group = parser.getgroup("ibmq", "IBM Quantum (ibmq-backend)")
    group.addoption(
        "--ibmq-record",
        choices=("none", "missing", "rewrite"),
        default="none",
        help="cassettes of ibmq_cassette: replay them all (none, the default), record those that "
        "are missing, or record all anew",
    )
    group.addoption(
        "--ibmq-block-network",
        action="store_true",
        default=False,
        help="no test may reach another machine, unless marked ibmq_network",
    )
    parser.addini("ibmq_block_network", "as --ibmq-block-network", type="bool", default=False)
    parser.addini(
        "ibmq_cassettes",
        "folder of the cassettes, beside each test file: ibmq_cassettes",
        default="",
    )
    parser.addini("ibmq_hosts", "further hosts whose traffic is recorded", type="linelist")
    parser.addini("ibmq_local_scope", "of local_ibmq: function or session", default="function")
    parser.addini("ibmq_python", "interpreter that has ibmq-backend[local]", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers."""
    config.stash[_written] = []
    for line in _MARKERS:
        config.addinivalue_line("markers", line)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Tell which cassettes were written, and how a large one can be made small."""
    if not (written := config.stash[_written]):
        return
    terminalreporter.section("IBM Quantum cassettes")
    for name, size in written:
        terminalreporter.line(f"recorded {name} ({(size + 999) // 1000} kB)")
    if any(size > _LARGE_BYTES for _, size in written):
        terminalreporter.line(
            "Most of a large one are the documents of all devices. From the emulator, "
            "@pytest.mark.ibmq_local(backends=[...]) names the few that a test needs."
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Remember whether a test has passed: only then its recording is kept."""
    report = yield
    if report.when == "call":
        item.stash[_passed] = report.passed
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Keep a test and its fixtures on this machine, where that was asked for."""
    if not _is_blocked(item):
        return (yield)
    from ibmq_backend.testing.network_block import network_blocked

    with network_blocked("the network is blocked (ibmq_block_network)"):
        return (yield)


def _is_blocked(item: pytest.Item) -> bool:
    if item.get_closest_marker("ibmq_network"):
        return False
    if item.get_closest_marker("ibmq_block_network"):
        return True
    config = item.config
    return bool(config.getoption("--ibmq-block-network") or config.getini("ibmq_block_network"))


def _failure(text: str) -> BaseException:
    """A failure that shows its text and none of our code."""
    return pytest.fail.Exception(text, pytrace=False)


# -- the emulator ---------------------------------------------------------------------------------


def _local_scope(
    fixture_name: str,  # noqa: ARG001  (pytest gives both by name)
    config: pytest.Config,
) -> Literal["function", "session"]:
    scope = config.getini("ibmq_local_scope")
    if scope not in ("function", "session"):
        raise pytest.UsageError(f"ibmq_local_scope has to be function or session, not {scope!r}")
    return "session" if scope == "session" else "function"


@pytest.fixture(scope="session")
def _ibmq_workshop() -> Iterator[Workshop]:
    try:
        from ibmq_backend.testing.local_place import Workshop

        workshop = Workshop()
    except ModuleNotFoundError as error:
        raise _failure(
            f"local_ibmq needs {error.name}, which is not installed. "
            "Run `pip install 'ibmq-backend[local]'`."
        ) from None
    yield workshop
    workshop.close()


@pytest.fixture(scope=_local_scope)
def local_ibmq(
    request: pytest.FixtureRequest,
    _ibmq_workshop: Workshop,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[LocalIBMQ]:
    """An emulator of the retired devices of this test's own; every account leads to it."""
    from ibmq_backend.testing.local_place import local_place

    marker = request.node.get_closest_marker("ibmq_local")
    settings = {} if marker is None else marker.kwargs
    if marker is not None and marker.args:
        raise _failure(
            "@pytest.mark.ibmq_local takes keywords, such as backends=['ibmq_vigo'], not "
            f"{marker.args[0]!r}."
        )
    home = tmp_path_factory.mktemp("ibmq-home")
    # One for the session may be there already when the first test asks for faults.
    faults = request.scope == "session" or "ibmq_faults" in request.fixturenames
    with ExitStack() as stack:
        try:
            place = stack.enter_context(
                local_place(_ibmq_workshop, settings, home, with_faults=faults)
            )
        except (TypeError, ValueError) as error:
            raise _failure(f"@pytest.mark.ibmq_local: {error}") from None
        yield place


@pytest.fixture
def ibmq_faults(request: pytest.FixtureRequest, local_ibmq: LocalIBMQ) -> Iterator[FaultPlan]:
    """What goes wrong in this test's emulator, and the log of what was asked."""
    from ibmq_backend.emulator.faults.script import FaultScript, FaultScriptError

    plan = local_ibmq.faults
    marker = request.node.get_closest_marker("ibmq_faults")
    script: list[Any] = []
    if marker is not None and marker.kwargs:
        raise _failure(
            "@pytest.mark.ibmq_faults takes faults as dictionaries, and names of fault files: "
            "ibmq_faults({'operation': ..., 'kind': ...}, ...). It takes no keywords such as "
            f"{next(iter(marker.kwargs))!r}."
        )
    try:
        for part in () if marker is None else marker.args:
            if isinstance(part, str | Path):
                script += FaultScript.load(request.path.parent / part).faults
            else:
                script.append(part)
        plan.script(script)
    except FaultScriptError as error:
        raise _failure(f"@pytest.mark.ibmq_faults: {error}") from None
    yield plan
    plan.release()
    plan.script(())


# -- cassettes ------------------------------------------------------------------------------------


@pytest.fixture
def ibmq_cassette(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[IBMQCassette]:
    """This test's traffic with IBM Quantum: recorded once, replayed strictly from then on."""
    from ibmq_backend.testing import cassette

    mode = request.config.getoption("--ibmq-record")
    place = _place(request)
    before = place.path.stat().st_mtime_ns if place.path.exists() else 0

    def passed() -> bool:
        return bool(request.node.stash.get(_passed, False))

    def emulator() -> tuple[str, str]:
        here: LocalIBMQ = request.getfixturevalue("local_ibmq")
        return here.url, here.api_token

    def tell(text: str) -> None:
        request.node.add_report_section("teardown", "ibmq_cassette", text)

    try:
        with ExitStack() as stack:
            if mode == "rewrite" or (mode == "missing" and not place.path.exists()):
                yield stack.enter_context(cassette.recording(place, emulator, passed))
            else:
                home = tmp_path_factory.mktemp("ibmq-home")
                yield stack.enter_context(cassette.replaying(place, home, passed, tell))
    except AssertionError as problem:  # of ours: it says all there is to say
        raise _failure(str(problem)) from None
    if mode != "none" and place.path.exists() and place.path.stat().st_mtime_ns != before:
        request.config.stash[_written].append((place.name, place.path.stat().st_size))


def _place(request: pytest.FixtureRequest) -> Place:
    from ibmq_backend.testing.cassette import Place, file_name

    marker = request.node.get_closest_marker("ibmq_cassette")
    options = {} if marker is None else dict(marker.kwargs)
    if unknown := options.keys() - {"name", "ordered"}:
        raise _failure(
            f"@pytest.mark.ibmq_cassette: no option of a cassette: {', '.join(sorted(unknown))}. "
            "There are name, ordered."
        )
    given = marker.args[0] if marker and marker.args else options.get("name")
    test = Path(request.path)
    own = request.node.nodeid.split("::", 1)[-1].replace("::", ".")
    folder = test.parent / (request.config.getini("ibmq_cassettes") or "ibmq_cassettes") / test.stem
    path = folder / (f"{given}.yaml" if given else file_name(own))
    root = request.config.rootpath
    return Place(
        path=path,
        name=path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path),
        command=f"pytest --ibmq-record=rewrite {shlex.quote(request.node.nodeid)}",
        hosts=request.config.getini("ibmq_hosts"),
        ordered=options.get("ordered", True),
    )


# -- the official client of today -----------------------------------------------------------------


@pytest.fixture(scope="session")
def _ibmq_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    from ibmq_backend.testing.official_client import served

    python = request.config.getini("ibmq_python")
    if python and ("/" in python or "\\" in python):
        python = str(request.config.rootpath / python)
    with ExitStack() as stack:
        try:
            root = stack.enter_context(served(python, tmp_path_factory.mktemp("ibmq-server")))
        except RuntimeError as error:
            raise _failure(str(error)) from None
        yield root


@pytest.fixture
def local_platform(
    _ibmq_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalPlatform]:
    """Today's IBM Quantum Platform on this machine; ``QiskitRuntimeService()`` leads to it."""
    from ibmq_backend.testing.official_client import local_platform

    with ExitStack() as stack:
        home = tmp_path_factory.mktemp("ibmq-home")
        try:
            place = stack.enter_context(local_platform(_ibmq_server, home))
        except RuntimeError as error:
            raise _failure(str(error)) from None
        yield place
