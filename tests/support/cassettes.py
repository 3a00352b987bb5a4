"""The cassettes of the contract suite: folder, recording and replay.

``ibmq_backend.testing`` decides what is stored and how strict a replay is, as for its users.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ibmq_backend.testing.scrub import Scrubber
from ibmq_backend.testing.strict_cassette import RecordingCassette, ReplayedCassette
from tests.support.exchanges import Exchange, recorded_exchange

OWN_FOLDER: Final = Path(__file__).resolve().parents[1] / "cassettes"
FOLDER: Final = Path(os.environ.get("IBMQ_CASSETTES_FOLDER") or OWN_FOLDER)
"""The folder of the cassettes; ``scripts/record`` writes to another one first."""

RECORDING: Final = os.environ.get("IBMQ_CASSETTES_RECORD", "")
"""What is recorded: ``emulator``, ``live``, or nothing if it is empty."""

ORIGIN: Final = "https://classic.test"
"""The origin of the recorded service in cassettes."""


def read(path: Path) -> list[Exchange]:
    """Return the exchanges of a cassette, in order."""
    return [recorded_exchange(*interaction) for interaction in load(path).data]


def load(path: Path, scrubber: Scrubber | None = None) -> ReplayedCassette:
    """Return a cassette, ready to be replayed."""
    command = f"scripts/record -k {path.stem}"
    if not path.exists():
        raise AssertionError(f"{shown(path)} is missing. Run {command}")
    next_step = f"If this change is intended, record again: {command}"
    return ReplayedCassette.load(
        path=path, scrubber=scrubber or Scrubber(), name=shown(path), next_step=next_step
    )


def dialect_of(name: str) -> str:
    """Return the dialect of a cassette from its path below the folder."""
    return name.partition("/")[0]


@contextmanager
def recorded(
    path: Path,
    scrubber: Scrubber,
    secrets: Iterable[str] = (),
    includes: Callable[[str], bool] = lambda _url: True,
) -> Iterator[RecordingCassette]:
    """Record every request of ``httpx``; ``save()`` of the cassette writes the file.

    The program receives the replies as they came; only the file is scrubbed.
    """
    recording = RecordingCassette(path, scrubber, secrets)
    recording.includes = includes
    with recording.inserted():
        yield recording


@contextmanager
def replayed(path: Path, scrubber: Scrubber) -> Iterator[ReplayedCassette]:
    """Answer from a cassette, each exchange once; other requests raise an error.

    ``check_played()`` of the cassette checks for requests that are left over or out of order.
    """
    replay = load(path, scrubber)
    with replay.inserted():
        yield replay


def shown(path: Path) -> str:
    """Return the name of a cassette for messages and for the index."""
    return path.relative_to(FOLDER).as_posix() if path.is_relative_to(FOLDER) else path.name
