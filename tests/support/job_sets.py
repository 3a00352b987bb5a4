"""Circuits that can be recognized by their results, and a record of sent requests."""

from __future__ import annotations

import threading

import httpx
import pytest
from qiskit import QuantumCircuit

from ibmq_backend.api.daemon_threads import LateRequests


def numbered(count: int, qubits: int = 3, first: int = 0) -> list[QuantumCircuit]:
    """Return circuits ``n0``, ``n1``, ... that measure their number."""
    circuits = []
    for number in range(first, first + count):
        circuit = QuantumCircuit(qubits, qubits, name=f"n{number}")
        for qubit in range(qubits):
            if number >> qubit & 1:
                circuit.x(qubit)
        circuit.measure(range(qubits), range(qubits))
        circuits.append(circuit)
    return circuits


def bits(number: int, qubits: int = 3) -> str:
    """Return the outcome of the circuit with a number."""
    return format(number % 2**qubits, f"0{qubits}b")


class Requests:
    """The requests of all clients in this process: method and path below the project.

    Late requests are sent at once, so that they belong to the call that causes them.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._changed = threading.Condition()
        self.seen: list[str] = []
        inner = httpx.HTTPTransport.handle_request

        def handle_request(transport: httpx.HTTPTransport, request: httpx.Request):
            path = request.url.path.partition("/Projects/")[2].partition("/")[2]
            with self._changed:
                self.seen.append(f"{request.method} {path or request.url.path}")
                self._changed.notify_all()
            return inner(transport, request)

        monkeypatch.setattr(httpx.HTTPTransport, "handle_request", handle_request)
        monkeypatch.setattr(LateRequests, "send", LateRequests.send_now)

    def count(self, text: str) -> int:
        """Return the number of requests of a kind, for example ``POST Jobs``."""
        return self.seen.count(text)

    def wait_for(self, text: str, count: int, seconds: float = 60) -> None:
        """Wait for a number of requests of a kind."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.count(text) >= count, seconds), self.seen

    def clear(self) -> None:
        """Forget all requests."""
        self.seen.clear()
