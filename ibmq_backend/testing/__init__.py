"""A pytest plugin for tests of programs that use IBM Quantum, and the types of its fixtures.

pytest loads ``plugin`` through the entry point ``pytest11`` (docs/testing.md). Its fixtures are in
``local_ibmq``, an emulator for one test, in ``official_client``, for programs that use
``qiskit-ibm-runtime``, and in ``cassette``, which records and replays. ``environment`` sets the
environment variables of a test and ``network_block`` blocks the network.

Cassettes are those of vcrpy: ``strict_cassette`` adds what it lacks, and ``cassette_files`` is the
layout of the file. ``scrub`` replaces secrets and ``leaks`` searches for the rest,
``recorded_account`` is the account of a recording, ``variables`` are the values that may differ in
a replay, and ``differences`` compares requests for messages.

The names below are for annotations and ``pytest.raises``; each is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

_MODULES = {
    "CassetteMismatch": "strict_cassette",
    "CassetteProblem": "cassette_files",
    "IBMQCassette": "cassette",
    "LocalIBMQ": "local_ibmq",
    "LocalPlatform": "official_client",
    "NetworkBlocked": "network_block",
    "SecretFound": "leaks",
}

__all__ = [
    "CassetteMismatch",
    "CassetteProblem",
    "IBMQCassette",
    "LocalIBMQ",
    "LocalPlatform",
    "NetworkBlocked",
    "SecretFound",
]

if TYPE_CHECKING:
    from ibmq_backend.testing.cassette import IBMQCassette as IBMQCassette
    from ibmq_backend.testing.cassette_files import CassetteProblem as CassetteProblem
    from ibmq_backend.testing.leaks import SecretFound as SecretFound
    from ibmq_backend.testing.local_ibmq import LocalIBMQ as LocalIBMQ
    from ibmq_backend.testing.network_block import NetworkBlocked as NetworkBlocked
    from ibmq_backend.testing.official_client import LocalPlatform as LocalPlatform
    from ibmq_backend.testing.strict_cassette import CassetteMismatch as CassetteMismatch


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
