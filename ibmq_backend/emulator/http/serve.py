"""The service as a separate server for several users."""

from __future__ import annotations

import argparse
import logging
import secrets
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Final

from ibmq_backend.emulator.accounts.accounts import User
from ibmq_backend.emulator.accounts.network import Project
from ibmq_backend.emulator.classroom.accounts_file import AccountsFile, read_accounts_file
from ibmq_backend.emulator.classroom.enrolment import Enrolment
from ibmq_backend.emulator.classroom.reload import Reloader
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.core.secret_files import check_tls_files
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.dialects import Dialects, create_dialects, job_kinds
from ibmq_backend.emulator.engine.dispatcher import Dispatcher
from ibmq_backend.emulator.engine.engine import Engine, ProcessEngine
from ibmq_backend.emulator.engine.worker_limits import WorkerLimits
from ibmq_backend.emulator.faults.plan import FaultPlan
from ibmq_backend.emulator.faults.script import FaultScript
from ibmq_backend.emulator.http.app import create_app
from ibmq_backend.emulator.http.serve_options import DEFAULT_PORT
from ibmq_backend.emulator.http.server import Server
from ibmq_backend.emulator.http.start_lines import Access, Address, start_lines
from ibmq_backend.emulator.monitoring.journal import LogFormat
from ibmq_backend.emulator.monitoring.monitor import Monitor
from ibmq_backend.emulator.pages.application import Pages
from ibmq_backend.emulator.service_state import ServiceState, Settings
from ibmq_backend.emulator.wire.endpoints import Endpoint
from ibmq_backend.emulator.wire.host_guard import get_machine_names

CLASS_USER: Final = "class"
_SWITCH_SECONDS: Final = 0.001
_NICENESS: Final = 10
"""Requests are answered at once while simulators use all processors."""

_log: Final = logging.getLogger(__name__)


def default_store_path() -> Path:
    """Return the default path of the database of a server."""
    return Path.home() / ".qiskit" / "ibmq_backend" / "server.sqlite"


def serve(
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    *,
    store_url: str | None = None,
    speed: str = "instant",
    accounts: Path | str | None = None,
    open_mode: bool = False,
    any_instance: bool = False,
    projects: Sequence[Project] = (),
    options: DeviceOptions | None = None,
    workers: int | None = None,
    dask: str | None = None,
    dask_tls: Sequence[Path] = (),
    settings: Settings | None = None,
    faults: FaultScript | Path | str | None = None,
    allowed_hosts: Sequence[str] = (),
    tls_cert: Path | str | None = None,
    tls_key: Path | str | None = None,
    log_format: LogFormat = "text",
) -> None:
    """Serve in the foreground until interrupted (SIGINT) or terminated (SIGTERM).

    Args:
        host: address to listen on.
        port: port to listen on; 0 for any free one.
        store_url: ``postgresql://...``, ``sqlite:///...`` or the path of an SQLite file;
            default: :func:`default_store_path`. Several servers can share a PostgreSQL database.
        speed: ``instant`` or ``realistic`` queues and run times.
        accounts: path of an accounts file, which is reloaded when it changes; see
            :mod:`ibmq_backend.emulator.classroom.accounts_file`. Without it, and without
            ``open_mode``, there is one user with a random token that is printed, and ``host`` must
            be a loopback address.
        open_mode: whether any API token logs in, as a separate user, regardless of the accounts
            file.
        any_instance: whether every hub, group and project exists.
        projects: further hubs, groups and projects.
        options: options of the devices.
        workers: number of jobs that run at a time, each in a simulator process of its own; 0
            leaves all jobs to other servers on the same database. None for 1, or with ``dask`` for
            the number of threads of the cluster.
        dask: address of the scheduler of a Dask cluster that runs the jobs, such as
            ``tcp://host:8786``; None to run them on this machine.
        dask_tls: folder with ``ca.pem``, ``cert.pem`` and ``key.pem`` for the connection to the
            cluster, or these files; empty for a connection without TLS.
        settings: further settings.
        faults: faults to inject: a script or the path of a fault file; see
            :mod:`ibmq_backend.emulator.faults.script`. None for a server without faults.
        allowed_hosts: host names of the server in addition to IP addresses and, on a network, the
            names of this machine.
        tls_cert: PEM file of a certificate chain; the server then uses HTTPS.
        tls_key: PEM file of the key of the certificate.
        log_format: ``text`` or ``json``: format of the log on standard error; see
            :mod:`ibmq_backend.emulator.monitoring.journal`.

    Raises:
        EmulatorError: the arguments contradict each other, or the port, the database or the Dask
            cluster cannot be used.
    """
    if isinstance(faults, Path | str):
        faults = FaultScript.load(faults)
    plan = None if faults is None else FaultPlan(faults)
    tls = check_tls_files(tls_cert, tls_key)
    address = Address(host, port, tuple(allowed_hosts), tls)
    access = _access(address, accounts, open_mode)
    try:
        service_state = ServiceState(
            store_url or str(default_store_path()),
            replace(
                settings or Settings(),
                speed=speed,
                any_instance=any_instance,
            ),
            catalog=Catalog(options),
        )
    except ValueError as error:
        raise EmulatorError(str(error)) from error
    engine: Engine | None = None
    try:
        engine, runners = _create_engine(
            options, workers, service_state.settings.max_result_bytes, dask, dask_tls
        )
        dialects = create_dialects(service_state, engine=engine)
        enrolment = Enrolment(
            service_state, dialects.platform.state, projects=projects, open_mode=open_mode
        )
        enrolment.apply(access.file)
        dispatcher = None
        if runners > 0:
            dispatcher = Dispatcher(service_state, engine, job_kinds(dialects), runners=runners)
        monitor = Monitor(service_state, sys.stderr, log_format)
        others = monitor.routes(engine, dispatcher)
        server = _create_server(service_state, dialects, address, access, plan, others)
        with monitor.journal.capture_warnings(), _reloading(accounts, enrolment):
            for broken in service_state.catalog.broken:
                _log.warning("%s", broken)
            _run(server, dispatcher)
    finally:
        if engine is not None:
            engine.close()
        service_state.close()


def serve_with(options: argparse.Namespace) -> None:
    """Serve with the options of the command line until interrupted or terminated.

    Args:
        options: options of :func:`~ibmq_backend.emulator.http.serve_options.add_serve_options`.

    Raises:
        EmulatorError: the options contradict each other, or the port or the database cannot be
            used.
        SnapshotError: a folder of devices cannot be read.
    """
    limits = {
        "lease_seconds": options.lease_seconds,
        "job_seconds": options.job_seconds,
        "max_result_bytes": options.result_bytes,
    }
    serve(
        options.host,
        options.port,
        store_url=options.store,
        speed=options.speed,
        accounts=options.accounts,
        open_mode=options.open,
        any_instance=options.any_instance,
        projects=[Project(instance) for instance in options.instance],
        options=DeviceOptions.of(
            options.devices,
            options.date,
            options.calibration,
            options.noise,
            skip_broken=True,
        ),
        workers=options.workers,
        dask=options.dask,
        dask_tls=options.dask_tls,
        faults=options.faults,
        allowed_hosts=options.allowed_host,
        tls_cert=options.tls_cert,
        tls_key=options.tls_key,
        log_format=options.log_format,
        settings=Settings(
            seed=options.seed,
            platform_devices=options.platform_device and tuple(options.platform_device),
            **{name: value for name, value in limits.items() if value is not None},
        ),
    )


def _access(address: Address, accounts: Path | str | None, open_mode: bool) -> Access:
    if accounts is not None:
        file = read_accounts_file(accounts)
        return Access(replace(file, open_mode=open_mode or file.open_mode))
    admin_token = secrets.token_hex(32)
    if open_mode:
        file = AccountsFile(open_mode=True, admin_token=admin_token, bookings=None)
        return Access(file, admin_token=admin_token)
    if not address.is_loopback:
        raise EmulatorError(
            f"{address.host} can be reached from other machines. Name the users with "
            "--accounts FILE, or let anybody log in with --open."
        )
    token = secrets.token_hex(32)
    users = (User(CLASS_USER, token),)
    file = AccountsFile(users, admin_token=admin_token, bookings=None)
    return Access(file, token, admin_token)


def _create_engine(
    options: DeviceOptions | None,
    workers: int | None,
    result_bytes: int,
    dask: str | None,
    dask_tls: Sequence[Path],
) -> tuple[Engine, int]:
    """Return the engine, and the number of jobs that run at a time."""
    if dask is None:
        if dask_tls:
            raise EmulatorError("--dask-tls needs --dask tcp://host:port")
        count = 1 if workers is None else workers
        limits = replace(WorkerLimits.for_workers(count, result_bytes), niceness=_NICENESS)
        return ProcessEngine(count, options, limits), count
    try:  # it takes a second and 40 MB
        from ibmq_backend.emulator.engine.dask_cluster import read_address
        from ibmq_backend.emulator.engine.dask_engine import DaskEngine
    except ModuleNotFoundError as error:
        raise EmulatorError(
            f'--dask needs the extra "dask" ({error.name} is missing). '
            "Run: pip install 'ibmq-backend[dask]'"
        ) from error
    engine = DaskEngine(read_address(dask, dask_tls), options or DeviceOptions(), result_bytes)
    threads = engine.connect()
    return engine, threads if workers is None else workers


def _create_server(
    service_state: ServiceState,
    dialects: Dialects,
    address: Address,
    access: Access,
    plan: FaultPlan | None,
    others: Sequence[Endpoint],
) -> Server:
    """Return a server that prints the start lines when it listens."""
    warnings = [f"left out: {broken}" for broken in service_state.catalog.broken]
    if plan is not None:
        warnings.append(f"this server injects the {len(plan.faults)} faults of the script")

    def on_listening(port: int) -> None:
        root = address.root(port)
        lines = start_lines(root, address, access, service_state, dialects, warnings)
        sys.stdout.writelines(f"{line}\n" for line in lines)
        sys.stdout.flush()

    names = {*address.names, *(() if address.is_loopback else get_machine_names())}
    application = create_app(service_state, dialects, plan, hosts=names, pages=Pages, others=others)
    return Server(
        application,
        address.host,
        address.port,
        on_listening,
        faulty=plan is not None,
        tls=address.tls,
        own_process=True,
    )


def _run(server: Server, dispatcher: Dispatcher | None) -> None:
    """Serve, and run jobs, until interrupted or terminated."""
    # With the default of 5 ms, each statement of a thread waits that long for the others.
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        if dispatcher is not None:
            dispatcher.start()
        with _terminating():
            server.run()
    except KeyboardInterrupt:
        return
    except SystemExit:
        if not server.started:
            raise
    finally:
        if dispatcher is not None:
            dispatcher.stop()


@contextmanager
def _terminating() -> Iterator[None]:
    """Convert SIGTERM into SystemExit; uvicorn raises the signal again after its shutdown."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def exit_process(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    previous = signal.signal(signal.SIGTERM, exit_process)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


@contextmanager
def _reloading(path: Path | str | None, enrolment: Enrolment) -> Iterator[None]:
    """Reload the accounts file when it changes, and on SIGHUP."""
    if path is None:
        yield
        return
    reloader = Reloader(Path(path), enrolment)
    reloader.start()
    hangup = getattr(signal, "SIGHUP", None)
    if threading.current_thread() is not threading.main_thread():
        hangup = None
    previous = hangup and signal.signal(hangup, lambda *_: reloader.request())
    try:
        yield
    finally:
        if hangup:
            signal.signal(hangup, previous)
        reloader.stop()
