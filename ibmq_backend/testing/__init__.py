"""For tests of programs that use IBM Quantum: a pytest plugin, and what its fixtures yield.

``plugin`` loads itself (entry point ``pytest11``; docs/testing.md) and brings ``local_place``, an
emulator for one test, ``official_client`` for programs of today's client, ``environment`` for the
variables, and ``network_block``. ``cassette`` records and replays: ``interception`` sees the
``exchanges`` on their way, ``tape`` is the recording and ``cassette_files`` its file, ``scrub`` and
``leaks`` keep secrets out of it, ``recorded_account`` and ``variables`` say what may differ,
``differences`` what does. The names below are for annotations and ``pytest.raises``; each is loaded
when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

_HOMES = {
    "CassetteMismatch": "tape",
    "CassetteProblem": "cassette_files",
    "IBMQCassette": "cassette",
    "LocalIBMQ": "local_place",
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
    from ibmq_backend.testing.local_place import LocalIBMQ as LocalIBMQ
    from ibmq_backend.testing.network_block import NetworkBlocked as NetworkBlocked
    from ibmq_backend.testing.official_client import LocalPlatform as LocalPlatform
    from ibmq_backend.testing.tape import CassetteMismatch as CassetteMismatch


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
