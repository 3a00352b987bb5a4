from pathlib import Path

import pytest


@pytest.fixture
def root() -> Path:
    """The folder of the repository."""
    return Path(__file__).parents[2]
