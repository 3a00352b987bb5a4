"""The service in the current process, on a loopback port."""

from __future__ import annotations

import atexit
import os
import secrets
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from ibmq_backend.emulator.accounts.accounts import User
from ibmq_backend.emulator.accounts.network import Project
from ibmq_backend.emulator.core.clock import Clock
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.dialects import Dialects, create_dialects, job_kinds
from ibmq_backend.emulator.engine.dispatcher import Dispatcher
from ibmq_backend.emulator.engine.engine import Engine, ProcessEngine
from ibmq_backend.emulator.engine.worker_limits import WorkerLimits
from ibmq_backend.emulator.faults.plan import FaultPlan
from ibmq_backend.emulator.faults.script import Fault, FaultScript
from ibmq_backend.emulator.http.app import create_app
from ibmq_backend.emulator.http.scratch import ScratchFolder, remove_abandoned
from ibmq_backend.emulator.http.server import Server
from ibmq_backend.emulator.platform.state.instances import ServiceInstance
from ibmq_backend.emulator.service_state import ServiceState, Settings
from ibmq_backend.emulator.store.location import user_store_path

LOCAL_USER: Final = "local"
_START_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 10.0


class LocalService:
    """A local service on a loopback port.

    >>> with LocalService(prewarm=False) as service:
    ...     service.url.startswith("http://127.0.0.1:"), len(service.api_token)
    (True, 128)

    :attr:`api_token` is random, so that other programs of the machine cannot log in. Its user is
    the same for every service with the same store. The tokens of ``users`` log in too and, with
    ``Settings(open_mode=True)``, any token does.

    Args:
        store: URL or path of the database; overrides ``persist``.
        persist: whether to keep the jobs in :func:`user_store_path` after the exit.
        settings: settings of the service; default: :class:`Settings` with ``any_instance=True``.
        projects: further hubs, groups and projects.
        options: options of the devices; those of ``engine`` and ``catalog`` must be the same.
        workers: number of simulator processes, each of which runs one job at a time.
        prewarm: whether to start the first simulator process immediately rather than with the
            first job.
        engine: runs the circuits and is closed with the service; default: processes on this
            machine.
        clock: clock of the service; default: the system clock.
        catalog: the devices; default: those of ``options``.
        instances: instances of the platform dialect; default: one of each plan.
        users: further users.
        faults: faults to inject; with an empty list the service logs its requests and faults can
            be added later; None for a service without faults.

    Attributes:
        url: base URL for clients of the classic dialect; empty before :meth:`start`.
        api_token: random API token of the user.
    """

    def __init__(
        self,
        *,
        store: str | Path | None = None,
        persist: bool = False,
        settings: Settings | None = None,
        projects: Sequence[Project] = (),
        options: DeviceOptions | None = None,
        workers: int = 1,
        prewarm: bool = True,
        engine: Engine | None = None,
        clock: Clock | None = None,
        catalog: Catalog | None = None,
        instances: Sequence[ServiceInstance] | None = None,
        users: Sequence[User] = (),
        faults: FaultPlan | FaultScript | Iterable[Fault | Mapping[str, Any]] | None = None,
    ) -> None:
        self.url = ""
        self.api_token = secrets.token_hex(64)
        self._store = str(user_store_path()) if store is None and persist else store
        self._settings = settings or replace(Settings(), any_instance=True)
        self._projects = tuple(projects)
        self._options = options or DeviceOptions()
        self._workers = workers
        self._prewarm = prewarm
        self._engine = engine
        self._clock = clock
        self._catalog = catalog
        self._instances = instances
        self._users = tuple(users)
        if not (faults is None or isinstance(faults, FaultPlan)):
            faults = FaultPlan(faults)
        self._faults = faults
        self._lock = threading.Lock()
        self._process = 0
        self._folder: ScratchFolder | None = None
        self._service_state: ServiceState | None = None
        self._dialects: Dialects | None = None
        self._dispatcher: Dispatcher | None = None
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def service_state(self) -> ServiceState:
        """The state of the running service."""
        if self._service_state is None:
            raise EmulatorError("the local service is not running")
        return self._service_state

    @property
    def dialects(self) -> Dialects:
        """The dialects of the running service."""
        if self._dialects is None:
            raise EmulatorError("the local service is not running")
        return self._dialects

    @property
    def faults(self) -> FaultPlan:
        """The faults of a service with ``faults``, and the log of its requests."""
        if self._faults is None:
            raise EmulatorError(
                "this service has no faults; create it with LocalService(faults=[])"
            )
        return self._faults

    @property
    def api_key(self) -> str:
        """The API key of the platform dialect; the same as :attr:`api_token`."""
        return self.api_token

    @property
    def platform_url(self) -> str:
        """The base URL of the platform dialect in us-east; paths start with ``/v1``."""
        return f"{self.url}/api"

    @property
    def crn(self) -> str:
        """The CRN of the first instance without limits; equal for all services."""
        return self.dialects.platform.state.instances.default.crn

    def regional_url(self, region: str) -> str:
        """Return the base URL of the platform dialect in another region, for example eu-de."""
        return f"{self.url}/{region}/api"

    def start(self) -> None:
        """Start the service; has no effect on a running one.

        Raises:
            EmulatorError: the database cannot be used, or no port can be opened.
        """
        with self._lock:
            if self._service_state is not None:
                return
            try:
                self._start()
            except BaseException:  # stop threads and processes that have started
                self._stop()
                raise
        atexit.register(self.stop)

    def stop(self) -> None:
        """Stop the service; unfinished jobs stay in the store. Has no effect on a stopped one."""
        with self._lock:
            # A forked child has a copy of this object, but the threads and files belong to its
            # parent.
            if self._process == os.getpid():
                self._stop()
        atexit.unregister(self.stop)

    def __enter__(self) -> LocalService:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self) -> None:
        self._process = os.getpid()
        if self._store is None:
            remove_abandoned()
            self._folder = ScratchFolder()
            store = str(self._folder.path / "local.sqlite")
        else:
            store = str(self._store)
        self._service_state = ServiceState(
            store,
            self._settings,
            catalog=self._catalog or Catalog(self._options),
            users=[User(LOCAL_USER, self.api_token), *self._users],
            projects=self._projects,
            clock=self._clock,
        )
        engine = self._engine or self._new_engine()
        self._dialects = create_dialects(self._service_state, self._instances, engine)
        self._dispatcher = Dispatcher(
            self._service_state,
            engine,
            job_kinds(self._dialects),
            runners=self._workers,
            prewarm=self._prewarm,
        )
        self._dispatcher.start()
        ended = threading.Event()
        ports: list[int] = []

        def on_listening(port: int) -> None:
            ports.append(port)
            ended.set()

        application = create_app(self._service_state, self._dialects, self._faults)
        faulty = self._faults is not None
        server = Server(application, "127.0.0.1", 0, on_listening, faulty=faulty)

        def serve() -> None:
            try:
                server.run()
            finally:
                ended.set()

        self._server = server
        self._thread = threading.Thread(target=serve, name="ibmq-service", daemon=True)
        self._thread.start()
        if not ended.wait(_START_SECONDS) or not ports:
            raise EmulatorError("the local service could not open a port on 127.0.0.1")
        self.url = f"http://127.0.0.1:{ports[0]}"

    def _new_engine(self) -> Engine:
        limits = WorkerLimits.for_workers(self._workers, self._settings.max_result_bytes)
        return ProcessEngine(self._workers, self._options, limits)

    def _stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(_STOP_SECONDS)
        if self._dispatcher is not None:
            self._dispatcher.stop()
        elif self._engine is not None:  # it may have been started before
            self._engine.close()
        if self._service_state is not None:
            self._service_state.close()
        if self._folder is not None:
            self._folder.remove()
        self._server = self._thread = self._dispatcher = self._folder = None
        self._service_state = self._dialects = None
        self.url = ""
