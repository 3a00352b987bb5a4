"""The local service: the emulator of the classic service, started inside this process.

There is one local service for each process, used by all accounts without a remote service. It
listens on its own loopback port and behaves like any other server. Its jobs are kept for later
processes, unless :func:`~ibmq_backend.emulator.store.location.choose_store` says otherwise.
"""

from __future__ import annotations

import gc
import secrets
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ibmq_backend.credentials import Credentials
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.devices.options import DeviceOptions, environment_date
from ibmq_backend.emulator.store.location import (
    ARGUMENT_SOURCE,
    DEFAULT_SOURCE,
    FALLBACK_SOURCE,
    STORE_VARIABLE,
    StoreLocation,
    choose_store,
)
from ibmq_backend.exceptions import IBMQAccountError
from ibmq_backend.installation.extras import describe_missing, require_aer
from ibmq_backend.notices import notify_once

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
    """Return credentials for the local service; start it with these settings if necessary.

    Raises:
        IBMQAccountError: the emulator's dependencies are not installed, or the store that the
            arguments or the environment name cannot be used.
    """
    service = start(**settings)
    given = (hub, group, project)
    chosen = [value or default for value, default in zip(given, DEFAULT_TRIPLE, strict=True)]
    return Credentials(
        service.api_token, service.url, hub=chosen[0], group=chosen[1], project=chosen[2]
    )


def start(
    *,
    persist: bool | None = None,
    store: str | Path | None = None,
    devices: Sequence[str | Path] = (),
    speed: str = "instant",
    seed: int | None = None,
    date: str | date | None = None,
    calibration: str = "median",
    noise: str = "full",
) -> LocalService:
    """Return the running local service; start a new one if the settings have changed.

    The settings are those of ``IBMQ.enable_local``. If the user's store cannot be used, the jobs
    are kept in memory, and a notice says so.

    Raises:
        IBMQAccountError: the emulator's dependencies are not installed, or the arguments or the
            environment name a store that cannot be used, a date that cannot be read or has no
            calibrations, or an unknown word.
    """
    global _running
    try:
        location = choose_store(persist, store)
        chosen = environment_date() if date is None else date
        options = DeviceOptions.of(devices, chosen, calibration, noise)
    except ValueError as error:
        raise IBMQAccountError(str(error)) from None
    settings = {"store": location, "options": options, "speed": speed, "seed": seed}
    with _lock:
        if _running is not None:
            if _running[0] == settings:
                return _running[1]
            _running[1].stop()
            _running = None
        try:
            with _collector_paused():
                service = _started(settings, location)
        except EmulatorError as error:
            raise IBMQAccountError(str(error)) from error
        _running = (settings, service)
        return service


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Import many modules without a search for garbage among all objects of the program."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _started(settings: Mapping[str, Any], location: StoreLocation) -> LocalService:
    build = _builder or _new_service
    service = build(settings)
    from ibmq_backend.emulator.store.database import StoreUnusable

    try:
        service.start()
    except StoreUnusable as error:
        if location.source != DEFAULT_SOURCE:
            named = f" of {STORE_VARIABLE}" if location.source == STORE_VARIABLE else ""
            raise IBMQAccountError(
                f"The store {location.label()}{named} cannot be used: {error.reason}. Name another "
                "file, or memory."
            ) from error
        notify_once(
            "store",
            f"Jobs are kept in memory: {location.label()} cannot be used ({error.reason}). Set "
            f"{STORE_VARIABLE} to another file.",
        )
        service = build({**settings, "store": StoreLocation(None, FALLBACK_SOURCE)})
        service.start()
    return service


def stop() -> None:
    """Stop the local service if it runs."""
    global _running
    with _lock:
        if _running is not None:
            _running[1].stop()
            _running = None


@contextmanager
def services_built_by(builder: Callable[[Mapping[str, Any]], LocalService]) -> Iterator[None]:
    """Use another function to build local services inside the block, for tests.

    A running local service is stopped at the beginning and at the end.

    Args:
        builder: function that takes the settings of :func:`start` and returns a service that is not
            started.
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
    with ExitStack() as after_failure:
        try:
            require_aer()
            from ibmq_backend.emulator.engine.engine import ProcessEngine

            engine = ProcessEngine(options=settings["options"])
            after_failure.callback(engine.close)
            engine.start()  # its processes import Terra and Aer while this one imports the service
            from ibmq_backend.emulator.http.embedded import LocalService
            from ibmq_backend.emulator.service_state import Settings
            from ibmq_backend.emulator.store.retention import USER_RETENTION
        except ModuleNotFoundError as error:
            raise IBMQAccountError(
                describe_missing("The local service", "local", error.name)
            ) from None
        seed, location = settings["seed"], settings["store"]
        chosen = location.source == ARGUMENT_SOURCE
        behaviour = Settings(
            seed=secrets.randbelow(2**31) if seed is None else seed,
            speed=settings["speed"],
            any_instance=True,
            max_user_jobs=sys.maxsize,
            max_user_bytes=sys.maxsize,
            runs_own_jobs=True,
            retention=None if chosen or location.path is None else USER_RETENTION,
            searched=_describe_search(location),
        )
        if settings["speed"] == "instant":
            # Programs for premium hubs may submit more than five jobs, the limit of the open hub.
            behaviour = replace(behaviour, device_job_limit=INSTANT_JOB_LIMIT)
        service = LocalService(
            store=location.url, options=settings["options"], settings=behaviour, engine=engine
        )
        after_failure.pop_all()
        return service


def _describe_search(location: StoreLocation) -> str:
    """Return what errors say after "Job not found", without the full stop."""
    if location.url is not None:
        return f" in {location.label()}; provider.backends.jobs() lists the jobs there"
    reason, advice = {
        STORE_VARIABLE: (f"{STORE_VARIABLE}=memory", f"unset {STORE_VARIABLE} or set it to a file"),
        ARGUMENT_SOURCE: ("enable_local(persist=False)", "call IBMQ.enable_local(persist=True)"),
        FALLBACK_SOURCE: ("the store cannot be used", "repair the store, as the notice says,"),
    }[location.source]
    return (
        f": this process keeps its jobs in memory ({reason}) and knows no others. To share jobs, "
        f"{advice} in both processes"
    )
