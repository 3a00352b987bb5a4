"""An emulator of a test's own, to which every account of the program under test leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ibmq_backend import notices
from ibmq_backend.account import local
from ibmq_backend.account.factory import IBMQ, IBMQFactory
from ibmq_backend.testing.environment import account_environment

if TYPE_CHECKING:
    from ibmq_backend.account.provider import AccountProvider
    from ibmq_backend.backend.backend import IBMQBackend
    from ibmq_backend.emulator.devices.catalog import Catalog
    from ibmq_backend.emulator.engine.engine import Engine, Task
    from ibmq_backend.emulator.faults.plan import FaultPlan
    from ibmq_backend.emulator.http.embedded import LocalService

_OWN_SETTINGS: Final = frozenset({"backends", "devices"})


class SharedEngine:
    """One engine for many services: none of them closes it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def start(self) -> None:
        """Warm up."""
        self._engine.start()

    def run(self, task: Task, timeout: float | None = None) -> dict[str, Any]:
        """Run a job."""
        return self._engine.run(task, timeout)

    def cancel(self, job_id: str) -> bool:
        """Stop a job."""
        return self._engine.cancel(job_id)

    def close(self) -> None:
        """Leave the engine to the others."""


class Workshop:
    """What all emulators of a test session share, because making it takes seconds."""

    def __init__(self) -> None:
        from ibmq_backend.emulator.devices.catalog import Catalog
        from ibmq_backend.emulator.engine.engine import ProcessEngine

        self.catalog: Catalog = Catalog()
        self._processes = ProcessEngine(1)
        self.engine = SharedEngine(self._processes)

    def close(self) -> None:
        """End the simulator processes."""
        self._processes.close()


class LocalIBMQ:
    """The emulator as a test sees it.

    While a test has it, ``IBMQ.load_account()``, ``IBMQ.enable_account(...)`` and
    ``IBMQ.enable_local(...)`` lead to it, whatever account is given or saved; no real account is
    read, used or written.

    Args:
        workshop: what all emulators share.
        settings: of :class:`ibmq_backend.emulator.service_state.Settings`; ``backends``, names of
            the only devices that it offers; ``devices``, folders of further device snapshots.
        with_faults: whether things can go wrong in it on purpose; such an emulator says so.

    Attributes:
        IBMQ: the same object that programs import.

    Raises:
        ValueError: there is no such setting.
    """

    IBMQ: IBMQFactory = IBMQ

    def __init__(
        self, workshop: Workshop, settings: Mapping[str, Any], *, with_faults: bool = False
    ) -> None:
        from ibmq_backend.emulator.faults.plan import FaultPlan
        from ibmq_backend.emulator.service_state import Settings

        known = {field.name for field in fields(Settings)}
        if unknown := sorted(settings.keys() - known - _OWN_SETTINGS):
            raise ValueError(
                f"no setting of the emulator: {', '.join(unknown)}. "
                f"There are {', '.join(sorted(known | _OWN_SETTINGS))}."
            )
        self._workshop = workshop
        self._devices: Sequence[str | Path] = settings.get("devices", ())
        self._backends: Sequence[str] | None = settings.get("backends")
        self._behaviour = replace(
            Settings(any_instance=True, device_job_limit=local.INSTANT_JOB_LIMIT),
            **{name: value for name, value in settings.items() if name in known},
        )
        self._plan = FaultPlan() if with_faults else None
        self._service: LocalService | None = None

    @property
    def service(self) -> LocalService:
        """The running emulator: its state (clock, queues, devices, jobs) and addresses."""
        return local.start() if self._service is None else self._service

    @property
    def provider(self) -> AccountProvider:
        """The provider of the active account; without one, that of ``IBMQ.load_account()``.

        Wire: getVersion, loginWithToken, getCurrentUser, listHubs the first time.
        """
        if (opened := IBMQ.providers()) != []:
            return opened[0]
        provider = IBMQ.load_account()
        assert provider is not None
        return provider

    def backend(self, name: str) -> IBMQBackend:
        """The backend of this name.

        Wire: listBackends the first time, beside what :attr:`provider` asks for.

        Raises:
            QiskitBackendNotFoundError: there is none; says which there are.
        """
        return self.provider.get_backend(name)

    @property
    def faults(self) -> FaultPlan:
        """What goes wrong, and the log of what was asked.

        Raises:
            RuntimeError: nothing can go wrong in this one.
        """
        if self._plan is None:
            raise RuntimeError("This emulator has no faults: ask for the fixture ibmq_faults too.")
        return self._plan

    @property
    def url(self) -> str:
        """Login address of the classic dialect, for other clients."""
        return self.service.url

    @property
    def api_token(self) -> str:
        """A token that is accepted there; also the API key of today's dialect."""
        return self.service.api_token

    @property
    def platform_url(self) -> str:
        """Base address of today's dialect, for other clients."""
        return self.service.platform_url

    @property
    def crn(self) -> str:
        """An instance of today's dialect without limits."""
        return self.service.crn

    def __repr__(self) -> str:
        return f"<LocalIBMQ at {self.url}>"

    def build(self, asked: Mapping[str, Any]) -> LocalService:
        """A service for what ``IBMQ.enable_local`` or an account asks for, not started.

        Args:
            asked: the settings of :func:`ibmq_backend.account.local.start`.
        """
        from ibmq_backend.emulator.accounts.network import OPEN_INSTANCE, Project
        from ibmq_backend.emulator.http.embedded import LocalService

        projects = []
        if self._backends is not None:
            projects = [Project(OPEN_INSTANCE, default=True, devices=tuple(self._backends))]
        folders = [Path(folder) for folder in (*self._devices, *asked["devices"])]
        behaviour = self._behaviour
        if asked["seed"] is not None:
            behaviour = replace(behaviour, seed=asked["seed"])
        if asked["speed"] != "instant":
            behaviour = replace(behaviour, speed=asked["speed"])
        self._service = LocalService(
            store=asked["store"],
            persist=asked["persist"],
            settings=behaviour,
            projects=projects,
            folders=folders,
            engine=None if folders else self._workshop.engine,
            catalog=None if folders else self._workshop.catalog,
            prewarm=False,
            faults=self._plan,
        )
        return self._service


@contextmanager
def local_place(
    workshop: Workshop, settings: Mapping[str, Any], home: Path, *, with_faults: bool = False
) -> Iterator[LocalIBMQ]:
    """Lead every account to an emulator of one's own.

    Args:
        workshop: what all emulators share.
        settings: see :class:`LocalIBMQ`.
        home: folder to stand for the user's own, so that nothing real is read or written.
        with_faults: see :class:`LocalIBMQ`.
    """
    place = LocalIBMQ(workshop, settings, with_faults=with_faults)
    with (
        account_environment(home, {"IBMQ_BACKEND_LOCAL": "always"}),
        local.services_built_by(place.build),
        fresh_session(),
    ):
        # The test asked for the emulator; it need not be told that it got it.
        notices.mark_shown("local", "instance")
        yield place


@contextmanager
def fresh_session() -> Iterator[None]:
    """No account active and no notice told before; likewise afterwards."""
    _end_session()
    try:
        yield
    finally:
        _end_session()


def _end_session() -> None:
    notices.forget_notices()
    if IBMQ.active_account():
        IBMQ.disable_account()
    IBMQ._hang_up()
