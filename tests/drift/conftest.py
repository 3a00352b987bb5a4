"""The repository and the two versions of its history."""

from pathlib import Path

import pytest

from scripts._drift.operations import Version
from scripts._drift.sources import read_version
from tests.support.descriptions import ROOT

HISTORY = Path(__file__).parent / "history"


@pytest.fixture(scope="session")
def root() -> Path:
    """Folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def history() -> tuple[Version, Version]:
    """The descriptions of 2025-05-01 and of 2026-04-15."""
    names = ("2025-05-01.yaml", "2026-04-15.yaml")
    old, new = (read_version(str(HISTORY / name), ROOT) for name in names)
    return old, new
