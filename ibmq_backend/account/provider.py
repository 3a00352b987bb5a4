"""``AccountProvider``: what an account may use under one hub, group and project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from qiskit.compiler import transpile
from qiskit.providers import ProviderV1

from ibmq_backend._html import card
from ibmq_backend.api.port import AccountClient
from ibmq_backend.backend.service import IBMQBackendService, count_known_backends
from ibmq_backend.backend.variants import IBMQBackend
from ibmq_backend.exceptions import IBMQInputValueError, IBMQNotAuthorizedError
from ibmq_backend.job.job import IBMQJob

if TYPE_CHECKING:
    from ibmq_backend.credentials import Credentials

__all__ = ["AccountProvider"]

_SERVICES = ("backend", "experiment", "random", "runtime")


class AccountProvider(ProviderV1):
    """The backends of one hub, group and project (or cloud instance) of an account.

    Users get one from ``IBMQ.load_account()``, ``IBMQ.enable_account()`` or
    ``IBMQ.get_provider()``. Making one sends no request; the backends are asked for when first
    used.

    Attributes:
        credentials: the account and the hub, group and project of this provider.
        backend: the backend service.
        backends: the same object; call it to list backends, or use a device attribute
            (``provider.backends.ibmq_vigo``).

    Source: ``AccountProvider`` of qiskit-ibmq-provider 0.8 to 0.20.2.
    """

    def __init__(self, credentials: Credentials, api_client: AccountClient) -> None:
        self.credentials = credentials
        self._api_client = api_client
        self.backend = IBMQBackendService(self, api_client)
        self.backends = self.backend  # type: ignore[method-assign]

    def backends(self, name: str | None = None, **kwargs: Any) -> list[IBMQBackend]:
        """Return the backends that match; the attribute of the same name answers.

        Args:
            name: name or historic alias.
            **kwargs: see ``IBMQBackendService.backends``.
        """
        return self.backend.backends(name, **kwargs)

    def get_backend(self, name: str | None = None, **kwargs: Any) -> IBMQBackend:
        """Return the one backend that matches.

        Args:
            name: name or historic alias, for example ``ibmq_vigo``.
            **kwargs: conditions as for ``provider.backends()``.

        Raises:
            QiskitBackendNotFoundError: none matches, or more than one; the text says which there
                are.
            ApiError: a call failed.
        """
        return self.backend.get(name, **kwargs)

    def services(self) -> dict[str, Any]:
        """Return the services this provider offers, by name."""
        return {"backend": self.backend}

    def service(self, name: str) -> Any:
        """Return a service by its name.

        Raises:
            IBMQInputValueError: there has never been such a service.
            IBMQNotAuthorizedError: this provider does not offer it.
        """
        self._check_service(name)
        if name not in self.services():
            raise self._not_offered(name)
        return self.services()[name]

    def has_service(self, name: str) -> bool:
        """Return whether this provider offers a service.

        Raises:
            IBMQInputValueError: there has never been such a service.
        """
        self._check_service(name)
        return name in self.services()

    def _check_service(self, name: str) -> None:
        if name not in _SERVICES:
            raise IBMQInputValueError(
                f"There is no service {name!r}. Known: {', '.join(_SERVICES)}."
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
        """The runtime service, which is not offered; :meth:`run_circuits` does without it.

        Raises:
            IBMQNotAuthorizedError: always.
        """
        raise self._not_offered("runtime")

    def _not_offered(self, name: str) -> IBMQNotAuthorizedError:
        return IBMQNotAuthorizedError(
            f"{self.place_text()} does not offer the service {name!r}; it offers 'backend'."
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
        """Transpile circuits for a backend and run them there, as one job.

        The original handed both steps to the runtime program ``circuit-runner``; here the circuits
        are transpiled on this machine.

        Args:
            circuits: a circuit or a list of circuits.
            backend_name: name of the backend, or the backend itself. Also accepted as ``backend=``.
            shots: repetitions of each circuit; as for ``IBMQBackend.run`` when not given.
            initial_layout: as for ``qiskit.transpile``.
            layout_method: as there.
            routing_method: as there.
            translation_method: as there.
            seed_transpiler: as there.
            optimization_level: as there, 0 to 3.
            init_qubits: start every shot in the ground state.
            rep_delay: pause between repetitions in seconds.
            transpiler_options: further arguments of ``qiskit.transpile``.
            measurement_error_mitigation: only False: it is not offered.
            use_measure_esp: excited state promoted readout, where the backend has it.
            **run_config: further options of ``IBMQBackend.run``.

        Returns:
            The job, already known to the service.

        Raises:
            IBMQInputValueError: no backend is named, or mitigation is asked for.
            QiskitBackendNotFoundError: there is no such backend.
            IBMQBackendError: as for ``IBMQBackend.run``.

        Wire: as ``IBMQBackend.run``. Source: qiskit-ibmq-provider 0.13 to 0.20.2.
        """
        named = run_config.pop("backend", None) if backend_name is None else backend_name
        if named is None:
            raise IBMQInputValueError("Name the backend to run on: run_circuits(..., 'ibmq_vigo').")
        if measurement_error_mitigation:
            raise IBMQInputValueError(
                "measurement_error_mitigation is not offered here; run the circuits without it and "
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

    def place_text(self) -> str:
        """Return where this provider is, as it stands in ``repr`` of everything below it."""
        return self._api_client.info.place_text(self._api_client.instance)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AccountProvider) and self.credentials == other.credentials

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<AccountProvider for {self.place_text()}>"

    def _repr_html_(self) -> str:
        known = count_known_backends(self.backend)
        return card(
            "Provider",
            {
                "where": self.place_text(),
                "backends": "not asked for yet" if known is None else known,
            },
        )
