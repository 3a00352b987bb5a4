"""The fault script of a running service: count calls, pick faults, keep the log."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from ibmq_backend.emulator.faults.script import ALL_OPERATIONS, Fault, FaultScript
from ibmq_backend.emulator.wire.routes import Route

MAX_LOGGED_REQUESTS: Final = 100_000

UNKNOWN: Final = "unknown"
"""Operation in the log of a request that matches none."""


class LoggedRequest(NamedTuple):
    """One request that reached the service.

    Attributes:
        number: number of the request, from 1.
        operation: operation id, ``jobStatusStream``, or :data:`UNKNOWN`.
        call: number of the call of this operation of this dialect, from 1.
        fault: kind of the injected fault; None without one.
        status: HTTP status that was sent, 101 for an accepted stream; None if the connection ended
            before.
    """

    number: int
    operation: str
    call: int
    fault: str | None
    status: int | None


class Call:
    """A request that is being handled.

    Attributes:
        fault: the fault to inject; None without one.
    """

    def __init__(self, plan: FaultPlan, entry: LoggedRequest, fault: Fault | None) -> None:
        self._plan = plan
        self._entry = entry
        self.fault = fault

    @property
    def entry(self) -> LoggedRequest:
        """The log entry as known so far."""
        return self._entry

    def answered(self, status: int) -> None:
        """Record the status that is sent."""
        with self._plan.lock:
            self._entry = self._entry._replace(status=int(status))


class FaultPlan:
    """The faults of a service and the log of its requests; thread-safe.

    Args:
        script: the faults to inject, as for :meth:`FaultScript.of`.

    Raises:
        FaultScriptError: the script is invalid.
    """

    def __init__(
        self, script: FaultScript | Iterable[Fault | Mapping[str, Any]] | None = None
    ) -> None:
        self.lock = threading.Lock()
        self._script = FaultScript.of(script or ())
        self._calls: deque[Call] = deque(maxlen=MAX_LOGGED_REQUESTS)
        self._number = 0
        self._counts: Counter[tuple[str, str]] = Counter()
        self._releases: list[Callable[[], None]] = []

    def script(self, script: FaultScript | Iterable[Fault | Mapping[str, Any]]) -> None:
        """Replace the script and start the counts and the log anew.

        Raises:
            FaultScriptError: the script is invalid; the old one stays in place.
        """
        new = FaultScript.of(script)
        with self.lock:
            self._script = new
            self._calls.clear()
            self._number = 0
            self._counts.clear()

    def clear(self) -> None:
        """Inject no more faults; the log and current delays continue."""
        with self.lock:
            self._script = FaultScript()

    def release(self) -> None:
        """End all current delays and stalls as if their time had passed, and open a closed port."""
        with self.lock:
            releases, self._releases = self._releases, []
        for release in releases:
            release()

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults to inject."""
        with self.lock:
            return self._script.faults

    @property
    def requests(self) -> tuple[LoggedRequest, ...]:
        """The requests since the start or the last :meth:`script`, the newest 100,000."""
        with self.lock:
            return tuple(call.entry for call in self._calls)

    def call(self, operation: Route | None) -> Call:
        """Count a request, pick its fault and add it to the log.

        Args:
            operation: the requested operation; None if the request matches none.
        """
        key = (operation.dialect, operation.operation_id) if operation else ("", UNKNOWN)
        with self.lock:
            self._number += 1
            self._counts[key] += 1
            fault = self._pick(operation, self._number, self._counts[key])
            kind = None if fault is None else fault.kind
            entry = LoggedRequest(self._number, key[1], self._counts[key], kind, None)
            call = Call(self, entry, fault)
            self._calls.append(call)
        return call

    def on_release(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Register a callback for the next :meth:`release`.

        Returns:
            A function that unregisters the callback.
        """
        with self.lock:
            self._releases.append(callback)

        def forget() -> None:
            with self.lock:
                if callback in self._releases:
                    self._releases.remove(callback)

        return forget

    def _pick(self, operation: Route | None, number: int, count: int) -> Fault | None:
        if operation is None:
            return None
        for fault in self._script.faults:
            counted = number if fault.operation == ALL_OPERATIONS else count
            if fault.names(operation) and counted in fault.calls and fault.applies_to(operation):
                return fault
        return None
