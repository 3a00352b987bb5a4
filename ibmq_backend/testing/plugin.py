"""The pytest plugin. Every run of pytest loads it, so it imports the rest when it is needed."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import pytest

from ibmq_backend.emulator.store.location import MEMORY, STORE_VARIABLE

if TYPE_CHECKING:
    from ibmq_backend.emulator.faults.plan import FaultPlan
    from ibmq_backend.testing.cassette import CassetteOptions, IBMQCassette
    from ibmq_backend.testing.local_ibmq import LocalIBMQ, SharedParts
    from ibmq_backend.testing.official_client import LocalPlatform

_MARKERS: Final = (
    "ibmq_local(**settings): settings of the emulator of this test, such as seed=7",
    "ibmq_cassette(name=None, ordered=True): file name of the cassette of this test; "
    "ordered=False for programs that send requests from several threads",
    "ibmq_faults(*faults): faults that the emulator of this test injects, or files of faults",
    "ibmq_block_network: block connections to other machines during this test",
    "ibmq_network: do not block connections during this test",
)
_MAX_SMALL_CASSETTE_BYTES: Final = 200_000

_passed = pytest.StashKey[bool]()
_limited = pytest.StashKey[tuple[str, ...]]()
_written = pytest.StashKey[list[tuple[str, int]]]()
_store_before = pytest.StashKey[str | None]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register command-line options and ini options."""
    group = parser.getgroup("ibmq", "IBM Quantum (ibmq-backend)")
    group.addoption(
        "--ibmq-record",
        choices=("none", "missing", "rewrite"),
        default="none",
        help="cassettes of ibmq_cassette: record none and replay all (the default), record the "
        "missing ones, or rewrite all",
    )
    group.addoption(
        "--ibmq-block-network",
        action="store_true",
        default=False,
        help="block connections to other machines, except in tests marked ibmq_network",
    )
    parser.addini(
        "ibmq_block_network", "the same as --ibmq-block-network", type="bool", default=False
    )
    parser.addini(
        "ibmq_cassettes",
        "folder of the cassettes, relative to each test file (default: ibmq_cassettes)",
        default="",
    )
    parser.addini("ibmq_hosts", "further hosts whose requests are recorded", type="linelist")
    parser.addini(
        "ibmq_local_scope", "scope of local_ibmq: function or session", default="function"
    )
    parser.addini("ibmq_python", "Python interpreter with ibmq-backend[local]", default="")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Keep tests away from the jobs of the user, also while a conftest.py is imported."""
    _use_private_store(early_config)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers."""
    _use_private_store(config)
    config.stash[_written] = []
    for line in _MARKERS:
        config.addinivalue_line("markers", line)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Restore the variable of the store."""
    before = config.stash.get(_store_before, None)
    if before is None:
        os.environ.pop(STORE_VARIABLE, None)
    else:
        os.environ[STORE_VARIABLE] = before


def _use_private_store(config: pytest.Config) -> None:
    """Keep the jobs of local services in memory; a test may set the variable to a file."""
    if _store_before not in config.stash:
        config.stash[_store_before] = os.environ.get(STORE_VARIABLE)
        os.environ[STORE_VARIABLE] = MEMORY


def _silence_terra() -> None:
    """Silence Terra again, since pytest resets the filters for each test."""
    if "qiskit" in sys.modules:
        from ibmq_backend._compat.quiet import silence_terra

        silence_terra()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """Silence misleading warnings of Terra while test files are imported."""
    _silence_terra()
    return (yield)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Report which cassettes were written, and how to make large ones smaller."""
    if not (written := config.stash[_written]):
        return
    terminalreporter.section("IBM Quantum cassettes")
    for name, size in written:
        terminalreporter.line(f"recorded {name} ({(size + 999) // 1000} kB)")
    if any(size > _MAX_SMALL_CASSETTE_BYTES for _, size in written):
        terminalreporter.line(
            "Large cassettes usually contain the configurations of many devices. If you record "
            "from the emulator, limit them with @pytest.mark.ibmq_local(backends=[...])."
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Remember whether a test has passed, because only then its recording is kept."""
    report = yield
    if report.when == "call":
        item.stash[_passed] = report.passed
        if report.failed and (backends := item.stash.get(_limited, ())):
            report.sections.append(
                (
                    "ibmq_cassette",
                    f"During a recording the emulator offers {', '.join(backends)}. For other "
                    "backends use @pytest.mark.ibmq_local(backends=[...]).",
                )
            )
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Silence Terra, and block the network during a test and its fixtures if configured."""
    _silence_terra()
    if not _is_blocked(item):
        return (yield)
    try:
        from ibmq_backend.testing.network_block import network_blocked
    except ModuleNotFoundError as error:
        raise pytest.UsageError(
            f"ibmq_block_network needs {error.name}, which is not installed. "
            "Run `pip install pytest-socket`."
        ) from None

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
    """Return a failure that is shown without a traceback."""
    return pytest.fail.Exception(text, pytrace=False)


@contextmanager
def _dependencies(fixture: str, extra: str) -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        from ibmq_backend.installation.extras import describe_missing

        raise _failure(describe_missing(fixture, extra, error.name)) from None


# -- the emulator ---------------------------------------------------------------------------------


def _local_scope(
    fixture_name: str,  # noqa: ARG001  (pytest gives both by name)
    config: pytest.Config,
) -> Literal["function", "session"]:
    scope = config.getini("ibmq_local_scope")
    if scope not in ("function", "session"):
        raise pytest.UsageError(f"ibmq_local_scope must be function or session, not {scope!r}")
    return "session" if scope == "session" else "function"


@pytest.fixture(scope="session")
def _ibmq_shared_parts() -> Iterator[SharedParts]:
    with _dependencies("local_ibmq", "local"):
        from ibmq_backend.installation.extras import require_aer

        require_aer()
        from ibmq_backend.testing.local_ibmq import SharedParts

        shared = SharedParts()
    yield shared
    shared.close()


@pytest.fixture(scope=_local_scope)
def local_ibmq(
    request: pytest.FixtureRequest,
    _ibmq_shared_parts: SharedParts,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[LocalIBMQ]:
    """Start an emulator of the retired devices, to which every account connects."""
    from ibmq_backend.testing.local_ibmq import RECORDED_BACKENDS, emulator_for_test

    marker = request.node.get_closest_marker("ibmq_local")
    settings = {} if marker is None else dict(marker.kwargs)
    if marker is not None and marker.args:
        raise _failure(
            "@pytest.mark.ibmq_local takes keyword arguments, such as backends=['ibmq_vigo'], not "
            f"{marker.args[0]!r}."
        )
    if _is_limited(request.node):
        settings["backends"] = request.node.stash[_limited] = RECORDED_BACKENDS
    home = tmp_path_factory.mktemp("ibmq-home")
    # A session-wide emulator may be running already when a later test uses ibmq_faults.
    faults = request.scope == "session" or "ibmq_faults" in request.fixturenames
    with ExitStack() as stack:
        try:
            emulator = stack.enter_context(
                emulator_for_test(_ibmq_shared_parts, settings, home, with_faults=faults)
            )
        except (TypeError, ValueError) as error:
            raise _failure(f"@pytest.mark.ibmq_local: {error}") from None
        yield emulator


def _is_limited(item: pytest.Item) -> bool:
    """Return whether the emulator of a test offers few backends, to keep the cassette small."""
    marker = item.get_closest_marker("ibmq_local")
    return (
        "ibmq_cassette" in getattr(item, "fixturenames", ())
        and item.config.getini("ibmq_local_scope") == "function"
        and (marker is None or "backends" not in marker.kwargs)
    )


@pytest.fixture
def ibmq_faults(request: pytest.FixtureRequest, local_ibmq: LocalIBMQ) -> Iterator[FaultPlan]:
    """Inject faults into the emulator of this test, and log its requests."""
    from ibmq_backend.emulator.faults.script import FaultScript, FaultScriptError

    plan = local_ibmq.faults
    marker = request.node.get_closest_marker("ibmq_faults")
    script: list[Any] = []
    if marker is not None and marker.kwargs:
        raise _failure(
            "@pytest.mark.ibmq_faults takes dictionaries and names of files, not the keyword "
            f"argument {next(iter(marker.kwargs))!r}. Write "
            "@pytest.mark.ibmq_faults({'operation': ..., 'kind': ...})."
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
    """Record the requests of this test to IBM Quantum once, then replay them."""
    with _dependencies("ibmq_cassette", "testing"):
        from ibmq_backend.testing import cassette

    mode = request.config.getoption("--ibmq-record")
    options = _cassette_options(request)
    path = options.path
    before = path.stat().st_mtime_ns if path.exists() else 0

    def has_passed() -> bool:
        return bool(request.node.stash.get(_passed, False))

    def start_emulator() -> tuple[str, str]:
        emulator: LocalIBMQ = request.getfixturevalue("local_ibmq")
        return emulator.url, emulator.api_token

    def report(text: str) -> None:
        request.node.add_report_section("teardown", "ibmq_cassette", text)

    try:
        with ExitStack() as stack:
            if mode == "rewrite" or (mode == "missing" and not path.exists()):
                yield stack.enter_context(cassette.recording(options, start_emulator, has_passed))
            else:
                home = tmp_path_factory.mktemp("ibmq-home")
                yield stack.enter_context(cassette.replaying(options, home, has_passed, report))
    except AssertionError as problem:  # one of ours, whose text is enough
        raise _failure(str(problem)) from None
    if mode != "none" and path.exists() and path.stat().st_mtime_ns != before:
        request.config.stash[_written].append((options.name, path.stat().st_size))


def _cassette_options(request: pytest.FixtureRequest) -> CassetteOptions:
    from ibmq_backend.testing.cassette import CassetteOptions, file_name

    marker = request.node.get_closest_marker("ibmq_cassette")
    given = {} if marker is None else dict(marker.kwargs)
    if unknown := given.keys() - {"name", "ordered"}:
        raise _failure(
            f"@pytest.mark.ibmq_cassette has no argument {', '.join(sorted(unknown))}. "
            "Arguments are name and ordered."
        )
    name = marker.args[0] if marker and marker.args else given.get("name")
    test_file = Path(request.path)
    test_name = request.node.nodeid.split("::", 1)[-1].replace("::", ".")
    folder_name = request.config.getini("ibmq_cassettes") or "ibmq_cassettes"
    folder = test_file.parent / folder_name / test_file.stem
    path = folder / (f"{name}.yaml" if name else file_name(test_name))
    root = request.config.rootpath
    return CassetteOptions(
        path=path,
        name=path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path),
        command=f"pytest --ibmq-record=rewrite {shlex.quote(request.node.nodeid)}",
        hosts=request.config.getini("ibmq_hosts"),
        ordered=given.get("ordered", True),
    )


# -- qiskit-ibm-runtime ---------------------------------------------------------------------------


@pytest.fixture(scope="session")
def _ibmq_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    from ibmq_backend.testing.official_client import running_server

    python = request.config.getini("ibmq_python")
    if python and ("/" in python or "\\" in python):
        python = str(request.config.rootpath / python)
    with ExitStack() as stack:
        try:
            root = stack.enter_context(
                running_server(python, tmp_path_factory.mktemp("ibmq-server"))
            )
        except RuntimeError as error:
            raise _failure(str(error)) from None
        yield root


@pytest.fixture
def local_platform(
    _ibmq_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalPlatform]:
    """Start an emulator of IBM Quantum Platform, to which ``QiskitRuntimeService()`` connects."""
    from ibmq_backend.testing.official_client import local_platform

    with ExitStack() as stack:
        home = tmp_path_factory.mktemp("ibmq-home")
        try:
            platform = stack.enter_context(local_platform(_ibmq_server, home))
        except RuntimeError as error:
            raise _failure(str(error)) from None
        yield platform
