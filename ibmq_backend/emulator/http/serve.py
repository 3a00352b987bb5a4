"""The service as a server of its own, for a class, a laboratory or a test bench."""

from __future__ import annotations

import argparse
import ipaddress
import secrets
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Final

from ibmq_backend.emulator.accounts.accounts import User
from ibmq_backend.emulator.accounts.network import Project
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.devices.catalog import Catalog, UnknownDevice
from ibmq_backend.emulator.dialects import Dialects, dialects_of, job_kinds
from ibmq_backend.emulator.engine.dispatcher import Dispatcher
from ibmq_backend.emulator.engine.engine import ProcessEngine
from ibmq_backend.emulator.engine.worker_limits import WorkerLimits
from ibmq_backend.emulator.faults.plan import FaultPlan
from ibmq_backend.emulator.faults.script import FaultScript
from ibmq_backend.emulator.http.accounts_file import AccountsFile, read_accounts_file
from ibmq_backend.emulator.http.app import create_app
from ibmq_backend.emulator.http.secret_files import check_tls_files
from ibmq_backend.emulator.http.serve_options import ADMIN_TOKEN_VARIABLE, DEFAULT_PORT
from ibmq_backend.emulator.http.server import Server
from ibmq_backend.emulator.service_state import ServiceState, Settings
from ibmq_backend.emulator.wire.host_guard import names_of_machine

CLASS_USER: Final = "class"


def default_store_path() -> Path:
    """Return where a server keeps its jobs by default."""
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
    folders: Sequence[Path] = (),
    workers: int = 1,
    settings: Settings | None = None,
    faults: FaultScript | Path | str | None = None,
    allowed_hosts: Sequence[str] = (),
    tls_cert: Path | str | None = None,
    tls_key: Path | str | None = None,
    announce: Callable[[str], None] | None = None,
) -> None:
    """Serve in the foreground until interrupted (SIGINT) or terminated (SIGTERM).

    Args:
        host: the address to listen on.
        port: the port; 0 for any free one.
        store_url: ``postgresql://...``, ``sqlite:///...`` or the path of an SQLite file;
            default: :func:`default_store_path`. Several servers may share one PostgreSQL.
        speed: ``instant`` or ``realistic`` queues and run times.
        accounts: an accounts file; see
            :mod:`ibmq_backend.emulator.http.accounts_file`. Without one,
            and unless ``open_mode`` is true, there is one user, whose random token is printed, and
            ``host`` must be of this machine.
        open_mode: whether any API token logs in, as a user of its own, even if the accounts file
            does not say so.
        any_instance: whether every hub, group and project that a program names exists.
        projects: further hubs, groups and projects.
        folders: folders of device snapshots.
        workers: simulator processes, so jobs at a time; 0 leaves the jobs to other servers on
            the same database.
        settings: everything else.
        faults: faults to inject: a script, or the path of a fault file; see
            :mod:`ibmq_backend.emulator.faults.script`. None is for a healthy server.
        allowed_hosts: names under which clients reach the server, beside IP addresses and,
            on a network, the names of this machine.
        tls_cert: the file of a certificate chain, PEM; with it the server speaks https.
        tls_key: the file of its key, PEM.
        announce: called with one line that says the address and how to connect, and with further
            lines: the tokens drawn for this run, and warnings; default: they are printed.

    Raises:
        EmulatorError: the set-up contradicts itself, or the port or the database cannot be used.
    """
    plan = None if faults is None else FaultPlan(_script(faults))
    tls = check_tls_files(tls_cert, tls_key)
    access = _access(host, accounts, open_mode)
    file = access.file
    try:
        service_state = ServiceState(
            store_url or str(default_store_path()),
            replace(
                settings or Settings(),
                speed=speed,
                open_mode=file.open_mode,
                any_instance=any_instance,
            ),
            catalog=Catalog([Path(folder) for folder in folders]),
            users=file.users,
            projects=(*file.projects, *projects),
        )
    except ValueError as error:
        raise EmulatorError(str(error)) from error
    try:
        dialects = dialects_of(service_state, file.instances)
        if file.admin_token is not None:
            service_state.accounts.set_admin_token(file.admin_token)
        _book(service_state, file)
        place = _Place(host, port, tuple(allowed_hosts), tls)
        _run(
            service_state, dialects, place, access, folders, workers, announce or _print_line, plan
        )
    finally:
        service_state.close()


def serve_with(options: argparse.Namespace) -> None:
    """Serve until interrupted or terminated, as a command line asks for it.

    Args:
        options: what :func:`~ibmq_backend.emulator.http.serve_options.add_serve_options` describes.

    Raises:
        EmulatorError: the set-up contradicts itself, or the port or the database cannot be used.
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
        folders=options.devices,
        workers=options.workers,
        faults=options.faults,
        allowed_hosts=options.allowed_host,
        tls_cert=options.tls_cert,
        tls_key=options.tls_key,
        settings=Settings(
            seed=options.seed,
            platform_devices=options.platform_device and tuple(options.platform_device),
            **{name: value for name, value in limits.items() if value is not None},
        ),
    )


@dataclass(frozen=True)
class _Place:
    """Where a server listens, and how it is reached."""

    host: str
    port: int
    names: tuple[str, ...]
    tls: tuple[Path, Path] | None

    def root(self, port: int) -> str:
        """Return the URL for clients, without a path."""
        name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        if name != self.host:
            name = next((one for one in self.names if "*" not in one), name)
        scheme = "http" if self.tls is None else "https"
        return f"{scheme}://{f'[{name}]' if ':' in name else name}:{port}"


@dataclass(frozen=True)
class _Access:
    """Who may use a server.

    Attributes:
        file: the accounts, with the tokens that were drawn.
        class_token: the one that was drawn for :data:`CLASS_USER`; None with an accounts file.
        drawn_admin_token: the one that was drawn; None with an accounts file.
    """

    file: AccountsFile
    class_token: str | None = field(default=None, repr=False)
    drawn_admin_token: str | None = field(default=None, repr=False)

    def who(self) -> str:
        """Return which tokens log in, in a few words."""
        if self.file.open_mode:
            return "any API token logs in"
        return "API tokens of the accounts file" if self.class_token is None else "the class token"

    def lines(self, root: str) -> Iterator[str]:
        """Return what is printed of the tokens."""
        if self.file.open_mode:
            yield "WARNING: this server is open: anybody who reaches it can log in, with any token."
        if self.class_token is not None:
            yield f"Class token, new at every start: {self.class_token}"
        if (token := self.drawn_admin_token) is not None:
            yield (
                "To list and cancel the jobs of all users: "
                f"{ADMIN_TOKEN_VARIABLE}={token} ibmq-backend admin jobs --url {root}"
            )


def _access(host: str, accounts: Path | str | None, open_mode: bool) -> _Access:
    if accounts is not None:
        file = read_accounts_file(accounts)
        return _Access(replace(file, open_mode=open_mode or file.open_mode))
    admin_token = secrets.token_hex(32)
    if open_mode:
        return _Access(
            AccountsFile(open_mode=True, admin_token=admin_token), drawn_admin_token=admin_token
        )
    if not _is_loopback(host):
        raise EmulatorError(
            f"{host} is reached from other machines: name the users with --accounts FILE, or let "
            "anybody log in with --open"
        )
    token = secrets.token_hex(32)
    users = (User(CLASS_USER, token),)
    return _Access(AccountsFile(users, admin_token=admin_token), token, admin_token)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _run(
    service_state: ServiceState,
    dialects: Dialects,
    place: _Place,
    access: _Access,
    folders: Sequence[Path],
    workers: int,
    announce: Callable[[str], None],
    plan: FaultPlan | None,
) -> None:
    listening: list[int] = []

    def on_listening(real_port: int) -> None:
        listening.append(real_port)
        root = place.root(real_port)
        announce(_line(dialects, root, access.who()))
        if plan is not None:
            count = len(plan.faults)
            found = "this server breaks on purpose" if count else "so nothing will go wrong"
            announce(f"Faults are on: {count} in the script; {found}.")
        for line in access.lines(root):
            announce(line)
        if place.tls is None and not _is_loopback(place.host):
            announce("WARNING: tokens travel unencrypted; use --tls-cert and --tls-key.")

    names = {*place.names, *(() if _is_loopback(place.host) else names_of_machine())}
    application = create_app(service_state, dialects, plan, hosts=names)
    server = Server(
        application, place.host, place.port, on_listening, faulty=plan is not None, tls=place.tls
    )
    dispatcher = None
    if workers > 0:
        limits = WorkerLimits.for_workers(workers, service_state.settings.max_result_bytes)
        dispatcher = Dispatcher(
            service_state,
            ProcessEngine(workers, folders, limits),
            job_kinds(dialects),
            runners=workers,
        )
    try:
        if dispatcher is not None:
            dispatcher.start()
        with _terminating():
            server.run()
    except KeyboardInterrupt:
        return
    except SystemExit:
        if listening:
            return
        raise EmulatorError(
            f"cannot listen on {place.host}:{place.port}; see the message above"
        ) from None
    finally:
        if dispatcher is not None:
            dispatcher.stop()


@contextmanager
def _terminating() -> Iterator[None]:
    """Turn SIGTERM into SystemExit: uvicorn raises the signal again once it has shut down."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    previous = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _script(faults: FaultScript | Path | str) -> FaultScript:
    return faults if isinstance(faults, FaultScript) else FaultScript.load(faults)


def _book(service_state: ServiceState, file: AccountsFile) -> None:
    for booking in file.bookings:
        try:
            device = service_state.catalog.get(booking.backend)
        except UnknownDevice as error:
            raise EmulatorError(f"a booking names an unknown device: {error}") from error
        service_state.reservations.add(
            service_state.accounts.user_id(booking.user),
            booking.instance,
            device.name,
            booking.start,
            booking.end,
        )


def _line(dialects: Dialects, root: str, who: str) -> str:
    url = f"{root}/api"
    return (
        f"Emulated quantum service at {url} ({who}). "
        f'Connect with IBMQ.enable_account("<API token>", url="{url}"). '
        f"As today's platform: {url}/v1, tokens at {root}/identity/token, "
        f"instance {dialects.platform.state.instances.default.crn}; stop with Ctrl-C."
    )


def _print_line(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
