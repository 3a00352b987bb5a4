"""The fixture ``local_ibmq``: an emulator for one test, to which every account connects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ibmq_backend import notices
from ibmq_backend.account import local
from ibmq_backend.account.factory import IBMQ, IBMQFactory
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.testing.environment import account_environment

if TYPE_CHECKING:
    from ibmq_backend.account.provider import AccountProvider
    from ibmq_backend.backend.backend import IBMQBackend
    from ibmq_backend.emulator.devices.catalog import Catalog
    from ibmq_backend.emulator.engine.engine import Engine, EngineHealth, Task
    from ibmq_backend.emulator.faults.plan import FaultPlan
    from ibmq_backend.emulator.http.embedded import LocalService

_OWN_SETTINGS: Final = frozenset({"backends", "devices", "date", "calibration", "noise"})

RECORDED_BACKENDS: Final = (
    "ibmq_qasm_simulator",
    "ibmq_armonk",
    "ibmq_vigo",
    "ibmq_lima",
    "ibmq_quito",
    "ibmq_16_melbourne",
)
"""Backends of the emulator while a cassette is recorded; all would add 1.4 MB to each."""


class SharedEngine:
    """An engine that several services use; closing a service does not close it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def start(self) -> None:
        """Start the simulator processes."""
        self._engine.start()

    def inspect(self, task: Task) -> dict[str, Any]:
        """Inspect a job."""
        return self._engine.inspect(task)

    def run(self, task: Task, timeout: float | None = None) -> dict[str, Any]:
        """Run a job."""
        return self._engine.run(task, timeout)

    def cancel(self, job_id: str) -> bool:
        """Stop a job."""
        return self._engine.cancel(job_id)

    def health(self) -> EngineHealth:
        """Return whether jobs can run."""
        return self._engine.health()

    def monotonic(self) -> float:
        """Return the clock of the simulations."""
        return self._engine.monotonic()

    def close(self) -> None:
        """Do nothing: other services use the engine."""


class SharedParts:
    """The parts that all emulators of a test session share, because creating them takes seconds."""

    def __init__(self) -> None:
        from ibmq_backend.emulator.devices.catalog import Catalog
        from ibmq_backend.emulator.engine.engine import ProcessEngine

        self.catalog: Catalog = Catalog()
        self._processes = ProcessEngine(1)
        self.engine = SharedEngine(self._processes)

    def close(self) -> None:
        """Stop the simulator processes."""
        self._processes.close()


class LocalIBMQ:
    """The emulator of a test.

    During the test ``IBMQ.load_account()``, ``IBMQ.enable_account(...)`` and
    ``IBMQ.enable_local(...)`` connect to it, whichever account is given or saved. No real account
    is read, used or written.

    Args:
        shared: the parts that all emulators share.
        settings: settings of :class:`ibmq_backend.emulator.service_state.Settings`, and
            ``backends``, the names of the only devices that it offers; ``devices``, ``date``,
            ``calibration`` and ``noise`` are those of ``IBMQ.enable_local``.
        with_faults: whether faults can be injected.

    Attributes:
        IBMQ: the object that programs import.

    Raises:
        ValueError: a setting or its value is unknown.
    """

    IBMQ: IBMQFactory = IBMQ

    def __init__(
        self, shared: SharedParts, settings: Mapping[str, Any], *, with_faults: bool = False
    ) -> None:
        from ibmq_backend.emulator.faults.plan import FaultPlan
        from ibmq_backend.emulator.service_state import Settings

        known = {field.name for field in fields(Settings)}
        if unknown := sorted(settings.keys() - known - _OWN_SETTINGS):
            raise ValueError(
                f"the emulator has no setting {', '.join(unknown)}. "
                f"Settings are {', '.join(sorted(known | _OWN_SETTINGS))}."
            )
        self._shared = shared
        self._options = DeviceOptions.of(
            settings.get("devices", ()),
            settings.get("date"),
            settings.get("calibration"),
            settings.get("noise"),
        )
        self._backends: Sequence[str] | None = settings.get("backends")
        self._settings = replace(
            Settings(any_instance=True, device_job_limit=local.INSTANT_JOB_LIMIT),
            **{name: value for name, value in settings.items() if name in known},
        )
        self._plan = FaultPlan() if with_faults else None
        self._service: LocalService | None = None

    @property
    def service(self) -> LocalService:
        """The running emulator: its state (clock, queues, devices, jobs) and URLs."""
        return local.start() if self._service is None else self._service

    @property
    def provider(self) -> AccountProvider:
        """The provider of the active account, or of ``IBMQ.load_account()`` if none is active.

        Wire: loginWithToken, getCurrentUser, listHubs the first time.
        """
        if (opened := IBMQ.providers()) != []:
            return opened[0]
        provider = IBMQ.load_account()
        assert provider is not None
        return provider

    def backend(self, name: str) -> IBMQBackend:
        """Return a backend.

        Wire: listBackends the first time, after the requests of :attr:`provider`.

        Args:
            name: name of the backend.

        Raises:
            QiskitBackendNotFoundError: the emulator has no backend with this name.
        """
        return self.provider.get_backend(name)

    @property
    def faults(self) -> FaultPlan:
        """The faults to inject, and the log of requests.

        Raises:
            RuntimeError: the test does not use the fixture ``ibmq_faults``.
        """
        if self._plan is None:
            raise RuntimeError(
                "This emulator injects no faults. Add ibmq_faults to the arguments of the test."
            )
        return self._plan

    @property
    def url(self) -> str:
        """The login URL of the classic service, for other clients."""
        return self.service.url

    @property
    def api_token(self) -> str:
        """A token that the classic service accepts; also an API key of the platform."""
        return self.service.api_token

    @property
    def platform_url(self) -> str:
        """The base URL of the platform, for other clients."""
        return self.service.platform_url

    @property
    def crn(self) -> str:
        """The CRN of an instance of the platform without limits."""
        return self.service.crn

    def __repr__(self) -> str:
        return f"<LocalIBMQ at {self.url}>"

    def build(self, options: Mapping[str, Any]) -> LocalService:
        """Return a service that is not started yet.

        Args:
            options: arguments of :func:`ibmq_backend.account.local.start`.
        """
        from ibmq_backend.emulator.accounts.network import OPEN_INSTANCE, Project
        from ibmq_backend.emulator.http.embedded import LocalService

        projects = []
        if self._backends is not None:
            projects = [Project(OPEN_INSTANCE, default=True, devices=tuple(self._backends))]
        chosen = self._merged(options["options"])
        configured = self._settings
        if options["seed"] is not None:
            configured = replace(configured, seed=options["seed"])
        if options["speed"] != "instant":
            configured = replace(configured, speed=options["speed"])
        self._service = LocalService(
            store=options["store"].url,
            settings=configured,
            projects=projects,
            options=chosen,
            engine=self._shared.engine if chosen == DeviceOptions() else None,
            catalog=self._shared.catalog if chosen == DeviceOptions() else None,
            prewarm=False,
            faults=self._plan,
        )
        return self._service

    def _merged(self, asked: DeviceOptions) -> DeviceOptions:
        """Return the options of the program; where it states none, those of the test."""
        own, default = self._options, DeviceOptions()
        return replace(
            own,
            folders=(*own.folders, *asked.folders),
            **{
                name: value
                for name in ("date", "calibration", "noise")
                if (value := getattr(asked, name)) != getattr(default, name)
            },
        )


@contextmanager
def emulator_for_test(
    shared: SharedParts, settings: Mapping[str, Any], home: Path, *, with_faults: bool = False
) -> Iterator[LocalIBMQ]:
    """Make every account connect to one new emulator.

    Args:
        shared: the parts that all emulators share.
        settings: settings of :class:`LocalIBMQ`.
        home: home folder of the program, in place of the user's.
        with_faults: whether faults can be injected.
    """
    emulator = LocalIBMQ(shared, settings, with_faults=with_faults)
    with (
        account_environment(home, {"IBMQ_BACKEND_LOCAL": "always"}),
        local.services_built_by(emulator.build),
        fresh_session(),
    ):
        # The test uses the emulator on purpose, so no notice about that.
        notices.mark_shown("local", "instance")
        yield emulator


@contextmanager
def fresh_session() -> Iterator[None]:
    """Start and end with no active account and no notice shown."""
    _end_session()
    try:
        yield
    finally:
        _end_session()


def _end_session() -> None:
    notices.forget_notices()
    if IBMQ.active_account():
        IBMQ.disable_account()
    IBMQ._close_connections()
