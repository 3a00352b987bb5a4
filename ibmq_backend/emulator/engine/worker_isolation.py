"""Isolation of a worker process: few environment variables, and no network if possible.

The environment is reduced on every system. The network is removed on Linux if ``unshare`` of
util-linux 2.36 or newer is installed and unprivileged user namespaces are allowed, which containers
and some distributions forbid. The worker then has no network device and no abstract socket; named
sockets in the file system remain accessible with the user's permissions.
"""

from __future__ import annotations

import logging
import os
import shutil
import site
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["isolated_command", "reduced_environment"]

_LOG = logging.getLogger(__name__)

_ALLOWED: Final = frozenset(
    {
        "PATH", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP",
        "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH",
        "PYTHONHOME", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX",
        "PYTHONNOUSERSITE", "PYTHONUTF8", "PYTHONWARNINGS", "IBMQ_BACKEND_ADAPT",
        "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "NUMBER_OF_PROCESSORS",
    }
)  # fmt: skip
_ALLOWED_PREFIXES: Final = (
    "LC_", "OMP_", "GOMP_", "KMP_", "OPENBLAS_", "MKL_", "BLIS_", "VECLIB_", "MALLOC_",
)  # fmt: skip
_NO_NETWORK: Final = ("--user", "--map-current-user", "--net")
_TRIAL_SECONDS: Final = 10.0


def reduced_environment() -> dict[str, str]:
    """Return the environment variables of a worker, without tokens, accounts or a home folder."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _ALLOWED or name.upper().startswith(_ALLOWED_PREFIXES)
    }
    inherited = os.environ.get("PYTHONPATH")
    # This package must be importable even if it is not installed.
    path = [str(Path(__file__).resolve().parents[3]), *([inherited] if inherited else [])]
    return {
        # Idle OpenMP threads would spin and slow down the other processes of the machine.
        "OMP_WAIT_POLICY": "PASSIVE",
        **kept,
        "PYTHONPATH": os.pathsep.join(path),
        # Libraries may be installed in the home folder, although HOME itself is hidden.
        "PYTHONUSERBASE": site.getuserbase(),
        "HOME": os.devnull,
        "USERPROFILE": os.devnull,
    }


def isolated_command(command: Sequence[str]) -> list[str]:
    """Return a command that runs another one without network if possible.

    The process keeps its id, its standard streams and its parent.
    """
    return [*_network_removal(), *command]


@cache
def _network_removal() -> tuple[str, ...]:
    program = shutil.which("unshare") if sys.platform == "linux" else None
    if program is None:
        _LOG.info("simulator processes keep their network: this system has no 'unshare'")
        return ()
    prefix = (program, *_NO_NETWORK, "--")
    try:
        trial = subprocess.run(  # noqa: S603 (a program of the system)
            [*prefix, program, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TRIAL_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = str(error)
    else:
        if trial.returncode == 0:
            return prefix
        reason = trial.stderr.decode(errors="replace").strip()
    _LOG.info("simulator processes keep their network: %s", reason)
    return ()
