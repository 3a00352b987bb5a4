"""Figures of IBM Quantum Platform, from the code, docs/platform.md and runs on the emulator."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
TABLE: Final = ROOT / "docs" / "platform.md"
DEVICE: Final = "ibm_sherbrooke"

_ROW: Final = re.compile(r"^\| (.*?) \| .*? \| (full|partial|none) \|.*\|$", re.MULTILINE)


def operations() -> dict[str, dict[str, set[str]]]:
    """Return the operations of each description: described, used by the adapter, and emulated."""
    from ibmq_backend.api import platform
    from ibmq_backend.api.platform.calls import CLOUD_OPERATIONS, PLATFORM_OPERATIONS
    from ibmq_backend.emulator.platform.handlers import HANDLERS

    source = "".join(file.read_text("utf-8") for file in Path(platform.__path__[0]).glob("*.py"))
    called = set(re.findall(r"\.(?:call|read|exchange)\(\s*ops\.(\w+)", source))
    used = {re.sub(r"_(\w)", lambda found: found[1].upper(), name.lower()) for name in called}
    described = {
        "platform": {each.id for each in PLATFORM_OPERATIONS.operations},
        "cloud": {each.id for each in CLOUD_OPERATIONS.operations},
    }
    return {
        name: {"described": ids, "used": ids & used, "emulated": ids & set(HANDLERS)}
        for name, ids in described.items()
    }


def documented() -> dict[str, Counter[str]]:
    """Return the number of methods and arguments of ``run()`` by kind of equivalent."""
    numbers: dict[str, Counter[str]] = {"methods": Counter(), "arguments of run()": Counter()}
    for names, answer in _ROW.findall(TABLE.read_text(encoding="utf-8")):
        listed = re.findall(r"`([\w.]+)(?:\(\))?`", names)
        for name in listed:
            numbers["methods" if "." in name else "arguments of run()"][answer] += 1
    return numbers


def requests() -> dict[str, Counter[str]]:
    """Return the requests from sign-in to the counts, by operation.

    "Cold" is a new account, with a CRN or with a key whose instances are searched; "warm" is the
    next job on the same backend. The number of ``getJob`` requests depends on the machine.
    """
    import httpx
    from qiskit import QuantumCircuit, transpile

    from ibmq_backend import IBMQ
    from ibmq_backend.api.platform.calls import CLOUD_OPERATIONS, PLATFORM_OPERATIONS
    from ibmq_backend.emulator.http.embedded import LocalService

    seen: Counter[str] = Counter()
    send = httpx.HTTPTransport.handle_request

    def counting(transport: Any, request: Any) -> Any:
        found = PLATFORM_OPERATIONS.find(request) or CLOUD_OPERATIONS.find(request)
        seen[request.url.path if found is None else found.id] += 1
        return send(transport, request)

    def counts_of(backend: Any) -> None:
        circuit = QuantumCircuit(2)
        circuit.h(0)
        circuit.cx(0, 1)
        circuit.measure_all()
        backend.run(transpile(circuit, backend)).result(timeout=120).get_counts()

    taken: dict[str, Counter[str]] = {}

    def take(name: str) -> None:
        taken[name] = Counter(seen)
        seen.clear()

    httpx.HTTPTransport.handle_request = counting  # type: ignore[method-assign]
    try:
        with LocalService() as service:
            channel = "ibm_quantum_platform"
            for name, more in (("CRN", {"instance": service.crn}), ("key", {"channel": channel})):
                provider = IBMQ.enable_account(service.api_key, service.platform_url, **more)
                backend = provider.get_backend(DEVICE)
                counts_of(backend)
                take(f"cold, {name}")
                counts_of(backend)
                take(f"warm, {name}")
                IBMQ.disable_account()
    finally:
        httpx.HTTPTransport.handle_request = send  # type: ignore[method-assign]
    return taken


def show(_: Sequence[str] = ()) -> None:
    """Print all figures."""
    warnings.simplefilter("ignore")
    print("operations of IBM Quantum Platform")
    for name, ids in operations().items():
        print("  " + name + ": " + ", ".join(f"{len(each)} {what}" for what, each in ids.items()))
        print(f"    not used: {', '.join(sorted(ids['described'] - ids['used'])) or 'none'}")
    print("equivalents (docs/platform.md)")
    for name, numbers in documented().items():
        shown = ", ".join(f"{numbers[word]} {word}" for word in ("full", "partial", "none"))
        print(f"  {name}: {sum(numbers.values())} ({shown})")
    print("requests from sign-in to the counts")
    for name, seen in requests().items():
        polls = seen.pop("getJob", 0)
        listed = ", ".join(f"{n} {operation}" for operation, n in seen.items())
        print(f"  {name}: {sum(seen.values())} and {polls} times getJob while it runs ({listed})")
