"""The environment of a program under test: another home folder, and one account or none."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

ACCOUNT_VARIABLES: Final = ("QE_", "QISKIT_IBM", "IBMQ_BACKEND_LOCAL")
"""How the variables begin that say which account to use."""

_HOME_VARIABLES: Final = ("HOME", "USERPROFILE")


@contextmanager
def account_environment(home: Path, variables: Mapping[str, str]) -> Iterator[pytest.MonkeyPatch]:
    """Have programs find no other account than the variables name, and nothing of the user's own.

    Args:
        home: folder to stand for the user's own, so that nothing real is read or written.
        variables: to be set beside it.

    Yields:
        What undoes it, for changes that belong to it.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(ACCOUNT_VARIABLES)]:
            patch.delenv(name)
        for name in _HOME_VARIABLES:
            patch.setenv(name, str(home))
        for name, value in variables.items():
            patch.setenv(name, value)
        yield patch
