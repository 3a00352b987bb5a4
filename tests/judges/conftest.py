"""An empty home folder and no account variables, before a client is imported."""

import os
import signal
import tempfile

import pytest

_HOME = tempfile.TemporaryDirectory(prefix="judges-")
os.environ["HOME"] = _HOME.name  # the clients compute the paths of their files on import
for name in list(os.environ):
    if name.startswith(("QE_", "QISKIT_", "IBMQ_BACKEND_")):
        del os.environ[name]

# scripts/test ends a judge that takes too long with SIGTERM; the fixtures must still stop servers.
signal.signal(signal.SIGTERM, signal.default_int_handler)

_SUMMARY = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def summary(pytestconfig: pytest.Config) -> list[str]:
    """Lines that are printed at the end of the run."""
    return pytestconfig.stash.setdefault(_SUMMARY, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the lines of ``summary``."""
    for line in terminalreporter.config.stash.get(_SUMMARY, []):
        terminalreporter.write_line(line)
