"""The fault script of a running service: counts the calls, picks the faults, keeps the log."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from ibmq_backend.emulator.faults.script import ALL_OPERATIONS, Fault, FaultScript
from ibmq_backend.emulator.wire.routes import Route

LOG_LENGTH: Final = 100_000
"""How many requests the log keeps."""

UNKNOWN: Final = "unknown"
"""Stands in the log for a request that fits no operation."""


class LoggedRequest(NamedTuple):
    """One request that reached the service.

    Attributes:
        number: counted from 1 over all requests.
        operation: the operation id, ``jobStatusStream``, or :data:`UNKNOWN`.
        call: counted from 1 for this operation of this dialect.
        fault: the kind of fault that it met; None if it met none.
        status: the HTTP status that was sent, 101 for a stream that was accepted; None if the
            connection ended before.
    """

    number: int
    operation: str
    call: int
    fault: str | None
    status: int | None


class Call:
    """A request while it is handled.

    Attributes:
        fault: what happens to it; None if nothing does.
    """

    def __init__(self, plan: FaultPlan, entry: LoggedRequest, fault: Fault | None) -> None:
        self._plan = plan
        self._entry = entry
        self.fault = fault

    @property
    def entry(self) -> LoggedRequest:
        """The line of the log as far as it is known."""
        return self._entry

    def answered(self, status: int) -> None:
        """Note the status that is sent."""
        with self._plan.lock:
            self._entry = self._entry._replace(status=int(status))


class FaultPlan:
    """What goes wrong in a service, and what was asked of it. Safe to use from any thread.

    Args:
        script: the faults to inject, as for :meth:`FaultScript.of`.

    Raises:
        FaultScriptError: the script is not as described.
    """

    def __init__(
        self, script: FaultScript | Iterable[Fault | Mapping[str, Any]] | None = None
    ) -> None:
        self.lock = threading.Lock()
        self._script = FaultScript.of(script or ())
        self._calls: deque[Call] = deque(maxlen=LOG_LENGTH)
        self._number = 0
        self._counts: Counter[tuple[str, str]] = Counter()
        self._releases: list[Callable[[], None]] = []

    def script(self, script: FaultScript | Iterable[Fault | Mapping[str, Any]]) -> None:
        """Replace the script; calls are counted, and the log is kept, from the start again.

        Raises:
            FaultScriptError: the script is not as described; the old one stays.
        """
        new = FaultScript.of(script)
        with self.lock:
            self._script = new
            self._calls.clear()
            self._number = 0
            self._counts.clear()

    def clear(self) -> None:
        """Let nothing go wrong any more; the log goes on. What is held back stays so."""
        with self.lock:
            self._script = FaultScript()

    def release(self) -> None:
        """End the delay or stall of every request at hand, as if its seconds had passed.

        A port that is closed is opened.
        """
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
        """Every request since the start or the last :meth:`script`; the last :data:`LOG_LENGTH`."""
        with self.lock:
            return tuple(call.entry for call in self._calls)

    def call(self, operation: Route | None) -> Call:
        """Count a request, pick its fault and enter it in the log.

        Args:
            operation: what was asked for; None for what fits no operation.
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
        """Have ``callback`` called by the next :meth:`release`, once.

        Returns:
            Forgets the callback.
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
