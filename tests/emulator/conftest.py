"""Services on loopback ports, with an engine that simulates nothing."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ibmq_backend.emulator.core.clock import ManualClock
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import Settings
from tests.support.emulator import OPEN_CLIENTS, Client, login
from tests.support.engines import FakeEngine

ServiceMaker = Callable[..., LocalService]
PostgresControl = Callable[[str], None]


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return Catalog()


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def make_service(catalog: Catalog, engine: FakeEngine) -> Iterator[ServiceMaker]:
    """Start services; all stop at the end of the test."""
    running: list[LocalService] = []

    def make(settings: Settings | None = None, **options: Any) -> LocalService:
        options.setdefault("engine", engine)
        service = LocalService(settings=settings or Settings(), catalog=catalog, **options)
        service.start()
        running.append(service)
        return service

    yield make
    engine.release()
    for service in running:
        service.stop()


@pytest.fixture
def service(make_service: ServiceMaker) -> LocalService:
    """A service for users of any API token."""
    return make_service(Settings(open_mode=True))


@pytest.fixture
def client(service: LocalService) -> Client:
    return login(service)


@pytest.fixture(autouse=True)
def _closed_clients() -> Iterator[None]:
    yield
    while OPEN_CLIENTS:
        OPEN_CLIENTS.pop().close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server for the tests, which listens on a socket file only."""
    with _running_postgres() as (url, _control):
        yield url


@pytest.fixture
def own_postgres() -> Iterator[tuple[str, PostgresControl]]:
    """The URL of an empty database, and a function that stops and starts its server."""
    with _running_postgres() as (url, control):
        yield url.format(name="postgres"), control


@contextmanager
def _running_postgres() -> Iterator[tuple[str, PostgresControl]]:
    programs = _postgres_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server programs here (initdb, pg_ctl)")
    account = _postgres_account()
    folder = Path(tempfile.mkdtemp(prefix="ibmq_backend-postgres-"))
    if account is not None:
        shutil.chown(folder, account)
    data = folder / "data"
    run = {"check": True, "capture_output": True, "cwd": folder, "user": account}
    subprocess.run([programs / "initdb", "-A", "trust", "-U", "ibmq", "-D", data], **run)
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    further = {"start": ["-o", options, "-l", folder / "log"], "stop": ["-m", "immediate"]}

    def control(action: str) -> None:
        subprocess.run([programs / "pg_ctl", "-w", "-D", data, *further[action], action], **run)

    control("start")
    try:
        yield f"postgresql://ibmq@/{{name}}?host={folder}", control
    finally:
        control("stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str, request: pytest.FixtureRequest) -> str:
    """An empty database for one test."""
    import psycopg

    name = f"test_{abs(hash(request.node.nodeid))}"
    admin = postgres_server.format(name="postgres")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return postgres_server.format(name=name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


def _postgres_programs() -> Path | None:
    found = shutil.which("initdb")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    path = Path(found).resolve() if found else installed[-1] if installed else None
    return path.parent if path else None


def _postgres_account() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    pytest.skip("PostgreSQL does not run as root and there is no account to run it as")
