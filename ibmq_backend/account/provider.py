"""``AccountProvider``: the backends of one hub, group and project of an account."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from attrs import evolve
from qiskit.compiler import transpile
from qiskit.providers import ProviderV1

from ibmq_backend._errors.suggestions import methods_suggest_keywords, refuse_misspelled
from ibmq_backend._html import MAX_READ_SECONDS, card
from ibmq_backend.api.port import AccountClient
from ibmq_backend.backend.run_options import ALLOW_UNKNOWN, KNOWN_RUN_OPTIONS, TERM_OPTIONS
from ibmq_backend.backend.service import IBMQBackendService, count_known_backends
from ibmq_backend.backend.variants import IBMQBackend
from ibmq_backend.deadline import time_limit
from ibmq_backend.exceptions import IBMQError, IBMQInputValueError, IBMQNotAuthorizedError
from ibmq_backend.job.job import IBMQJob
from ibmq_backend.records import UsageRecord
from ibmq_backend.units import to_local

if TYPE_CHECKING:
    from ibmq_backend.credentials import Credentials

__all__ = ["AccountProvider"]

_SERVICES = ("backend", "experiment", "random", "runtime")


@methods_suggest_keywords
class AccountProvider(ProviderV1):
    """The backends of one hub, group and project (or cloud instance) of an account.

    Users get one from ``IBMQ.load_account()``, ``IBMQ.enable_account()`` or
    ``IBMQ.get_provider()``. Creating one sends no request; backends are listed when first used.

    >>> from ibmq_backend import IBMQ
    >>> provider = IBMQ.enable_local()
    >>> provider.get_backend("ibmq_vigo")
    <IBMQBackend('ibmq_vigo') from IBMQ(hub='ibm-q', group='open', project='main'), ...>
    >>> [backend.name() for backend in provider.backends(n_qubits=20)]
    ['ibmq_20_tokyo', 'ibmq_almaden', ...]

    Attributes:
        credentials: the account and the hub, group and project of this provider.
        backend: the backend service.
        backends: the same object; call it to list backends, or use an attribute for a device
            (``provider.backends.ibmq_vigo``).

    Source: ``AccountProvider`` of qiskit-ibmq-provider 0.8 to 0.20.2.
    """

    def __init__(self, credentials: Credentials, api_client: AccountClient) -> None:
        self.credentials = credentials
        self._api_client = api_client
        self.backend = IBMQBackendService(self, api_client)
        self.backends = self.backend  # type: ignore[method-assign]

    def backends(self, name: str | None = None, **kwargs: Any) -> list[IBMQBackend]:
        """Return the backends that match; overridden by the attribute of the same name.

        Args:
            name: name or historic alias.
            **kwargs: conditions of ``IBMQBackendService.backends``.

        Wire: as ``IBMQBackendService.backends``.
        """
        return self.backend.backends(name, **kwargs)

    def get_backend(self, name: str | None = None, **kwargs: Any) -> IBMQBackend:
        """Return the only backend that matches.

        Args:
            name: name or historic alias, for example ``ibmq_vigo``.
            **kwargs: conditions of ``backends()``.

        Raises:
            QiskitBackendNotFoundError: no backend matches, or several do; the message lists them.
            ApiError: a call failed.

        Wire: as ``IBMQBackendService.backends``.
        """
        return self.backend.get(name, **kwargs)

    def services(self) -> dict[str, Any]:
        """Return the services of this provider, by name."""
        return {"backend": self.backend}

    def service(self, name: str) -> Any:
        """Return a service by its name.

        Raises:
            IBMQInputValueError: no service has this name.
            IBMQNotAuthorizedError: this provider does not offer the service.
        """
        self._check_service(name)
        if name not in self.services():
            raise self._not_offered(name)
        return self.services()[name]

    def has_service(self, name: str) -> bool:
        """Return whether this provider offers a service.

        Raises:
            IBMQInputValueError: no service has this name.
        """
        self._check_service(name)
        return name in self.services()

    def _check_service(self, name: str) -> None:
        if name not in _SERVICES:
            raise IBMQInputValueError(
                f"There is no service {name!r}. Use one of: {', '.join(_SERVICES)}."
            )

    @property
    def experiment(self) -> NoReturn:
        """The experiment service, which is not offered.

        Raises:
            IBMQNotAuthorizedError: always.
        """
        raise self._not_offered("experiment")

    @property
    def random(self) -> NoReturn:
        """The random number service, which is not offered.

        Raises:
            IBMQNotAuthorizedError: always.
        """
        raise self._not_offered("random")

    @property
    def runtime(self) -> NoReturn:
        """The runtime service, which is not offered; :meth:`run_circuits` does not need it.

        Raises:
            IBMQNotAuthorizedError: always.
        """
        raise self._not_offered("runtime")

    def _not_offered(self, name: str) -> IBMQNotAuthorizedError:
        return IBMQNotAuthorizedError(
            f"{self.describe_service()} does not offer the service {name!r}; it offers 'backend'."
        )

    def run_circuits(
        self,
        circuits: Any,
        backend_name: str | IBMQBackend | None = None,
        shots: int | None = None,
        initial_layout: Any = None,
        layout_method: str | None = None,
        routing_method: str | None = None,
        translation_method: str | None = None,
        seed_transpiler: int | None = None,
        optimization_level: int = 1,
        init_qubits: bool = True,
        rep_delay: float | None = None,
        transpiler_options: Mapping[str, Any] | None = None,
        measurement_error_mitigation: bool = False,
        use_measure_esp: bool | None = None,
        **run_config: Any,
    ) -> IBMQJob:
        """Transpile circuits for a backend and run them as one job.

        The original did both in the runtime program ``circuit-runner``; here the circuits are
        transpiled on this machine.

        Args:
            circuits: a circuit or a list of circuits.
            backend_name: name of the backend, or the backend itself. Also accepted as ``backend=``.
            shots: repetitions of each circuit; by default those of ``IBMQBackend.run``.
            initial_layout: initial positions of virtual qubits, as in ``qiskit.transpile``.
            layout_method: name of the layout pass, as in ``qiskit.transpile``.
            routing_method: name of the routing pass, as in ``qiskit.transpile``.
            translation_method: name of the translation pass, as in ``qiskit.transpile``.
            seed_transpiler: seed of the transpiler, for repeatable circuits.
            optimization_level: effort of the transpiler, 0 to 3.
            init_qubits: start every shot in the ground state.
            rep_delay: pause between repetitions in seconds.
            transpiler_options: further arguments of ``qiskit.transpile``.
            measurement_error_mitigation: must be False, since mitigation is not offered.
            use_measure_esp: use excited state promoted readout, if the backend supports it.
            **run_config: further options of ``IBMQBackend.run``.

        Returns:
            The submitted job.

        Raises:
            IBMQInputValueError: no backend is given, or mitigation is requested.
            QiskitBackendNotFoundError: no backend has this name.
            IBMQBackendError: the circuits cannot run, or the submission failed; see
                ``IBMQBackend.run``.

        Wire: as ``IBMQBackend.run``. Source: qiskit-ibmq-provider 0.13 to 0.20.2.
        """
        if not run_config.get(ALLOW_UNKNOWN):
            arguments = inspect.signature(self.run_circuits).parameters
            own = {"backend", *arguments, *KNOWN_RUN_OPTIONS, *TERM_OPTIONS, ALLOW_UNKNOWN}
            refuse_misspelled(run_config, own, "run_circuits()")
        named = run_config.pop("backend", None) if backend_name is None else backend_name
        if named is None:
            raise IBMQInputValueError(
                "No backend is given. Name it: run_circuits(..., backend_name='ibmq_vigo')."
            )
        if measurement_error_mitigation:
            raise IBMQInputValueError(
                "measurement_error_mitigation is not supported. Run the circuits without it and "
                "mitigate the counts."
            )
        backend = self.get_backend(named) if isinstance(named, str) else named
        transpiled = transpile(
            circuits,
            backend,
            initial_layout=initial_layout,
            layout_method=layout_method,
            routing_method=routing_method,
            translation_method=translation_method,
            seed_transpiler=seed_transpiler,
            optimization_level=optimization_level,
            **(transpiler_options or {}),
        )
        options: dict[str, Any] = {
            "shots": shots,
            "rep_delay": rep_delay,
            "use_measure_esp": use_measure_esp,
        }
        given = {name: value for name, value in options.items() if value is not None}
        return backend.run(transpiled, init_qubits=init_qubits, **given, **run_config)

    def usage(self) -> UsageRecord:
        """Return the device time that the instance has used in the current period.

        Returns:
            ``consumed_seconds``, ``limit_seconds``, ``remaining_seconds``, ``start`` and ``end`` of
            the period in local time, and ``limit_reached``. What is not limited is ``None``.

        Raises:
            ApiNotSupported: the service does not count device time; only IBM Quantum Platform does.
            ApiError: the call failed.

        Wire: getUsage.
        """
        usage = self._api_client.usage()
        start, end = (None if at is None else to_local(at) for at in (usage.start, usage.end))
        return evolve(usage, start=start, end=end)

    def describe_service(self) -> str:
        """Return instance and service as they appear in the ``repr`` of objects."""
        return self._api_client.info.describe_service(self._api_client.instance)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AccountProvider) and self.credentials == other.credentials

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<AccountProvider for {self.describe_service()}>"

    def _repr_html_(self) -> str:
        """Return the card of the provider. Only the service of this machine is asked."""
        names: dict[bool, list[str]] = {False: [], True: []}
        is_local = self._api_client.info.target == "local"
        if is_local or count_known_backends(self.backend):
            with suppress(IBMQError), time_limit(MAX_READ_SECONDS):
                for each in self.backend.backends():
                    names[each.configuration().simulator].append(each.name())
        none = "none known; provider.backends() lists them"
        return card(
            "Provider",
            {
                "where": self.describe_service(),
                "devices": ", ".join(names[False]) or none,
                "simulators": ", ".join(names[True]) or none,
            },
        )
