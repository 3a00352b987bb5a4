"""The local place: the emulator of the classic service, started inside this process.

One service per process serves every account that leads here; it listens on a loopback port of its
own, so whatever is true of a server is true of it.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ibmq_backend.credentials import Credentials
from ibmq_backend.exceptions import IBMQAccountError

if TYPE_CHECKING:
    from ibmq_backend.emulator.http.embedded import LocalService

DEFAULT_TRIPLE: Final = ("ibm-q", "open", "main")
INSTANT_JOB_LIMIT: Final = 100

_lock = threading.Lock()
_running: tuple[dict[str, Any], LocalService] | None = None
_builder: Callable[[Mapping[str, Any]], LocalService] | None = None


def local_credentials(
    hub: str | None = None,
    group: str | None = None,
    project: str | None = None,
    **settings: Any,
) -> Credentials:
    """Return credentials of the local service, starting it when it does not run.

    Args:
        hub: hub to name; parts that are not given are those of the open network.
        group: group to name.
        project: project to name.
        **settings: of :func:`start`.

    Raises:
        IBMQAccountError: the emulator's dependencies are not installed.
    """
    service = start(**settings)
    given = (hub, group, project)
    chosen = [value or default for value, default in zip(given, DEFAULT_TRIPLE, strict=True)]
    return Credentials(
        service.api_token, service.url, hub=chosen[0], group=chosen[1], project=chosen[2]
    )


def start(
    *,
    persist: bool = False,
    store: str | Path | None = None,
    devices: Sequence[str | Path] = (),
    speed: str = "instant",
    seed: int | None = None,
) -> LocalService:
    """Return the running local service; other settings than before replace it.

    Args:
        persist: keep jobs in the user's Qiskit folder, so that a later session finds them.
        store: keep jobs in this file, or in the database at this URL.
        devices: folders with further device snapshots.
        speed: ``instant``, or ``realistic`` queue and run times.
        seed: of the simulation; chosen by the service when not given.

    Raises:
        IBMQAccountError: the emulator's dependencies are not installed.
    """
    global _running
    settings = {
        "persist": persist,
        "store": store,
        "devices": tuple(devices),
        "speed": speed,
        "seed": seed,
    }
    with _lock:
        if _running is not None:
            if _running[0] == settings:
                return _running[1]
            _running[1].stop()
            _running = None
        service = (_builder or _new_service)(settings)
        service.start()
        _running = (settings, service)
        return service


def stop() -> None:
    """Stop the local service; without one nothing happens."""
    global _running
    with _lock:
        if _running is not None:
            _running[1].stop()
            _running = None


@contextmanager
def services_built_by(builder: Callable[[Mapping[str, Any]], LocalService]) -> Iterator[None]:
    """Have local services built by another function, for tests that want services of their own.

    One that runs is stopped before and one that was built is stopped after.

    Args:
        builder: gets the settings of :func:`start` and returns a service that is not started.
    """
    global _builder
    stop()
    before, _builder = _builder, builder
    try:
        yield
    finally:
        _builder = before
        stop()


def _new_service(settings: Mapping[str, Any]) -> LocalService:
    try:
        from ibmq_backend.emulator.http.embedded import LocalService
        from ibmq_backend.emulator.service_state import Settings
    except ModuleNotFoundError as error:
        raise IBMQAccountError(
            f"The local service needs {error.name}, which is not installed. "
            "Run `pip install 'ibmq-backend[local]'`."
        ) from error
    seed = settings["seed"]
    behaviour = Settings(
        seed=secrets.randbelow(2**31) if seed is None else seed,
        speed=settings["speed"],
        any_instance=True,
    )
    if settings["speed"] == "instant":
        # A program of the time of premium hubs may well submit more than the open hub's five.
        behaviour = replace(behaviour, device_job_limit=INSTANT_JOB_LIMIT)
    return LocalService(
        persist=settings["persist"],
        store=settings["store"],
        folders=[Path(folder) for folder in settings["devices"]],
        settings=behaviour,
    )
