"""What a terminal shows while jobs and job sets are waited for."""

import io
import sys
import warnings
from contextlib import ExitStack
from types import SimpleNamespace

import pytest

from ibmq_backend.exceptions import IBMQJobTimeoutError
from ibmq_backend.job import progress
from ibmq_backend.managed import IBMQJobManager
from tests.support.terminal import Terminal, screen


@pytest.fixture
def terminal(monkeypatch):
    """A terminal as standard error, and no quiet time before rows are shown."""
    stream = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=stream, modules=sys.modules))
    monkeypatch.setattr(progress, "QUIET_SECONDS", 0)
    return stream


def test_job(backend, device_bell, held, terminal):
    with held("ibmq_vigo"):
        job = backend.run(device_bell)
        with pytest.raises(IBMQJobTimeoutError):
            job.wait_for_final_state(timeout=0.5)
    assert f"Job {job.job_id()}: 0:00:00" in terminal.getvalue()
    assert screen(terminal.getvalue()) == []
    job.result()


def test_callback_reports_alone(backend, device_bell, held, terminal):
    reported = []
    with ExitStack() as queue:
        queue.enter_context(held("ibmq_vigo"))
        job = backend.run(device_bell)

        def report(*arguments, **more):
            reported.append(arguments)
            queue.close()

        job.wait_for_final_state(timeout=60, callback=report)
    assert reported
    assert terminal.getvalue() == ""


def test_job_set(backend, device_bell, terminal):
    manager = IBMQJobManager()
    jobs = manager.run([device_bell] * 3, backend, max_experiments_per_job=1, shots=10)
    assert jobs.results().success
    assert "Jobs: 3/3" in terminal.getvalue()
    assert "Job " not in terminal.getvalue()
    assert screen(terminal.getvalue()) == []


def test_terra_s_job_monitor_reports_alone(backend, device_bell, terminal):
    import qiskit.providers.ibmq  # noqa: F401

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # at its first import
        from qiskit.tools.monitor import job_monitor

    output = io.StringIO()
    job_monitor(backend.run(device_bell), output=output)
    assert "job has successfully run" in output.getvalue()
    assert terminal.getvalue() == ""
