"""The cassettes of this suite: where they are, and how they are recorded and replayed.

What a file looks like, what is left out of it and what strict means is decided in
``ibmq_backend.testing``, which does the same for its users.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ibmq_backend.testing import cassette_files
from ibmq_backend.testing.exchanges import Exchange
from ibmq_backend.testing.interception import intercepted
from ibmq_backend.testing.scrub import Scrubber
from ibmq_backend.testing.tape import Player, Recorder

OWN_FOLDER: Final = Path(__file__).resolve().parents[1] / "cassettes"
FOLDER: Final = Path(os.environ.get("IBMQ_CASSETTES_FOLDER") or OWN_FOLDER)
"""Where cassettes are read and written; ``scripts/record`` writes to another folder first."""

RECORDING: Final = os.environ.get("IBMQ_CASSETTES_RECORD", "")
"""What is recorded: ``emulator``, ``live``, or nothing."""

ORIGIN: Final = "https://classic.test"
"""Where the recorded service is, as far as a cassette says."""


def read(path: Path) -> list[Exchange]:
    """The exchanges of a cassette, in order."""
    return list(cassette_files.read(path).exchanges)


def dialect_of(name: str) -> str:
    """The dialect of a cassette, from its name below the folder."""
    return name.partition("/")[0]


class Recording:
    """What is recorded while :func:`recorded` is open; the text is there afterwards.

    Attributes:
        text: the cassette, empty when nothing was sent or the program broke off.
    """

    def __init__(self) -> None:
        self.text = ""


@contextmanager
def recorded(scrubber: Scrubber) -> Iterator[Recording]:
    """Record every exchange that httpx makes.

    The program under test gets the replies as they came; only the text is scrubbed.
    """
    recording, recorder = Recording(), Recorder(scrubber)
    with intercepted(recorder):
        yield recording
    recording.text = recorder.text()


@contextmanager
def replayed(path: Path, scrubber: Scrubber) -> Iterator[Player]:
    """Answer from a cassette, each exchange once; what it does not hold raises.

    :meth:`Player.check_played` is the rest of being strict.
    """
    command = f"scripts/record -k {path.stem}"
    if not path.exists():
        raise AssertionError(f"{shown(path)} is missing: run {command}")
    player = Player(
        read(path), scrubber, shown(path), f"If that is meant: {command} records it anew."
    )
    with intercepted(player):
        yield player


def shown(path: Path) -> str:
    """The name of a cassette for messages and for the index."""
    return path.relative_to(FOLDER).as_posix() if path.is_relative_to(FOLDER) else path.name
