"""The environment of a program under test: its own home folder, and one account or none."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from ibmq_backend.emulator.devices.options import DATE_VARIABLE
from ibmq_backend.emulator.store.location import MEMORY, STORE_VARIABLE

ACCOUNT_VARIABLES: Final = ("QE_", "QISKIT_IBM", "IBMQ_BACKEND_LOCAL")
"""Beginnings of the names of the environment variables that select an account."""

_HOME_VARIABLES: Final = ("HOME", "USERPROFILE")


@contextmanager
def account_environment(home: Path, variables: Mapping[str, str]) -> Iterator[pytest.MonkeyPatch]:
    """Replace the home folder and all environment variables that select an account.

    Local services keep their jobs in memory and emulate the newest calibrations.

    Args:
        home: home folder of the program, in place of the user's.
        variables: environment variables to set.

    Yields:
        The monkeypatch that undoes the changes, for further ones.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(ACCOUNT_VARIABLES)]:
            patch.delenv(name)
        patch.delenv(DATE_VARIABLE, raising=False)
        for name in _HOME_VARIABLES:
            patch.setenv(name, str(home))
        for name, value in {STORE_VARIABLE: MEMORY, **variables}.items():
            patch.setenv(name, value)
        yield patch
