"""The service as a server of its own, for a class, a laboratory or a test bench."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Final

from ibmq_backend.emulator.accounts_file import AccountsFile, read_accounts_file
from ibmq_backend.emulator.app import create_app
from ibmq_backend.emulator.devices import Catalog, UnknownDevice
from ibmq_backend.emulator.dispatch import Dispatcher
from ibmq_backend.emulator.engine import ProcessEngine
from ibmq_backend.emulator.errors import EmulatorError
from ibmq_backend.emulator.fault_plan import FaultPlan
from ibmq_backend.emulator.faults import FaultScript
from ibmq_backend.emulator.network import Project
from ibmq_backend.emulator.server import Server
from ibmq_backend.emulator.world import Settings, World

DEFAULT_PORT: Final = 8000


def default_store_path() -> Path:
    """Where a server keeps its jobs when it is not told otherwise."""
    return Path.home() / ".qiskit" / "ibmq_backend" / "server.sqlite"


def serve(
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    *,
    store_url: str | None = None,
    speed: str = "instant",
    accounts: Path | str | None = None,
    open_mode: bool | None = None,
    any_instance: bool = False,
    projects: Sequence[Project] = (),
    folders: Sequence[Path] = (),
    workers: int = 1,
    settings: Settings | None = None,
    faults: FaultScript | Path | str | None = None,
    announce: Callable[[str], None] | None = None,
) -> None:
    """Serve in the foreground until interrupted (SIGINT) or terminated (SIGTERM).

    Args:
        host: The address to listen on.
        port: The port; 0 for any free one.
        store_url: ``postgresql://...``, ``sqlite:///...`` or the path of an SQLite file;
            default: :func:`default_store_path`. Several servers may share one PostgreSQL.
        speed: ``instant`` or ``realistic`` queues and run times.
        accounts: An accounts file; see :mod:`ibmq_backend.emulator.accounts_file`.
        open_mode: Whether any API token logs in, as a user of its own; default: as the accounts
            file says, without one yes.
        any_instance: Whether every hub, group and project that a program names exists.
        projects: Further hubs, groups and projects.
        folders: Folders of device snapshots.
        workers: Simulator processes, so jobs at a time; 0 leaves the jobs to other servers on
            the same database.
        settings: Everything else.
        faults: What shall go wrong: a script, or the path of a fault file; see
            :mod:`ibmq_backend.emulator.faults`. None is for a healthy server.
        announce: Called with a line that tells the address and how to connect, and with faults
            with a second one that says so; default: they are printed.

    Raises:
        EmulatorError: The set-up contradicts itself, or the port or the database cannot be used.
    """
    plan = None if faults is None else FaultPlan(_script(faults))
    file = read_accounts_file(accounts) if accounts is not None else AccountsFile(open_mode=True)
    try:
        world = World(
            store_url or str(default_store_path()),
            replace(
                settings or Settings(),
                speed=speed,
                open_mode=file.open_mode if open_mode is None else open_mode,
                any_instance=any_instance,
            ),
            catalog=Catalog([Path(folder) for folder in folders]),
            users=file.users,
            projects=(*file.projects, *projects),
            instances=file.instances,
        )
    except ValueError as error:
        raise EmulatorError(str(error)) from error
    try:
        _book(world, file)
        _run(world, host, port, folders, workers, announce or _print_line, plan)
    finally:
        world.close()


def _run(
    world: World,
    host: str,
    port: int,
    folders: Sequence[Path],
    workers: int,
    announce: Callable[[str], None],
    plan: FaultPlan | None,
) -> None:
    listening: list[int] = []

    def on_listening(real_port: int) -> None:
        listening.append(real_port)
        announce(_line(world, host, real_port))
        if plan is not None:
            count = len(plan.faults)
            found = "this server breaks on purpose" if count else "so nothing will go wrong"
            announce(f"Faults are on: {count} in the script; {found}.")

    application = create_app(world, plan)
    server = Server(application, host, port, on_listening, faulty=plan is not None)
    dispatcher = None
    if workers > 0:
        dispatcher = Dispatcher(world, ProcessEngine(workers, folders), runners=workers)
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
        raise EmulatorError(f"cannot listen on {host}:{port}; see the message above") from None
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


def _book(world: World, file: AccountsFile) -> None:
    for booking in file.bookings:
        try:
            device = world.catalog.get(booking.backend)
        except UnknownDevice as error:
            raise EmulatorError(f"a booking names an unknown device: {error}") from error
        world.reservations.add(
            world.accounts.user_id(booking.user),
            booking.instance,
            device.name,
            booking.start,
            booking.end,
        )


def _line(world: World, host: str, port: int) -> str:
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    who = "any API token logs in" if world.accounts.open_mode else "API tokens of the accounts file"
    root = f"http://{name}:{port}"
    url = f"{root}/api"
    return (
        f"Emulated quantum service at {url} ({who}). "
        f'Connect with IBMQ.enable_account("<API token>", url="{url}"). '
        f"As today's platform: {url}/v1, tokens at {root}/identity/token, "
        f"instance {world.platform.instances.default.crn}; stop with Ctrl-C."
    )


def _print_line(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
