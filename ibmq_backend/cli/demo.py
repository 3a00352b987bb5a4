"""``ibmq-backend demo``: the documented program runs again, with no account."""

from __future__ import annotations

import argparse
import os
import textwrap
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from ibmq_backend.cli.connection import close_provider
from ibmq_backend.cli.documented_program import DOCUMENTED_PROGRAM
from ibmq_backend.cli.errors import CommandError
from ibmq_backend.cli.histogram import histogram
from ibmq_backend.cli.output import print_pairs

if TYPE_CHECKING:
    from ibmq_backend.backend.backend import IBMQBackend
    from ibmq_backend.job.job import IBMQJob

TIMEOUT_SECONDS: Final = 300.0
TOP_ROWS: Final = 12

_NEXT: Final = """\
What to type next

  ibmq-backend backends                                  all devices
  ibmq-backend status ibmq_vigo                          one of them
  ibmq-backend run FILE.qasm --backend ibmq_vigo         your own circuit
  ibmq-backend serve                                     the same service for a whole class

or in Python

  from qiskit import IBMQ, QuantumCircuit, transpile

  backend = IBMQ.load_account().get_backend("ibmq_vigo")
  bell = QuantumCircuit(2)
  bell.h(0)
  bell.cx(0, 1)
  bell.measure_all()
  job = backend.run(transpile(bell, backend), shots=1024)
  print(job.result().get_counts())
"""


def run(options: argparse.Namespace) -> int:
    """Run the documented program, then its circuit with measurements; say what happens.

    Returns:
        0; everything that does not go as told raises.

    Raises:
        CommandError: something went otherwise than it did on the real service.
        IBMQError: a step failed.
    """
    del options
    print("The program\n")
    print(textwrap.indent(DOCUMENTED_PROGRAM, "  "))
    with kept_here() as moved:
        names, notices = _run_program()
        print("What happened\n")
        if moved:
            print(f"  {moved}")
        for notice in notices:
            print(
                textwrap.fill(f"Notice: {notice}", 98, initial_indent="  ", subsequent_indent="  ")
            )
        backend, job = names["backend"], names["retrieved_job"]
        _report_device(backend)
        _check_first_job(names["job"], job)
        _report_first_job(job)
        _run_measured(backend, names["qx"])
        close_provider()
    print(_NEXT, end="")
    return 0


@contextmanager
def kept_here() -> Iterator[str | None]:
    """Keep the demo on this machine when the user has an account elsewhere.

    Yields:
        What to tell the user then, else ``None``.

    Raises:
        IBMQAccountError: ``IBMQ_BACKEND_LOCAL=never`` forbids it, or a file cannot be understood.
    """
    from ibmq_backend.credentials import LOCAL_VARIABLE, discover

    found = discover()
    if found.place == "local":
        yield None
        return
    before = os.environ.get(LOCAL_VARIABLE)
    os.environ[LOCAL_VARIABLE] = "always"
    try:
        yield f"(Your account in {found.source} is left alone: the demo stays on this machine.)"
    finally:
        if before is None:
            del os.environ[LOCAL_VARIABLE]
        else:
            os.environ[LOCAL_VARIABLE] = before


def _run_program() -> tuple[dict[str, Any], list[str]]:
    """Run the program in a namespace of its own.

    Returns:
        The names it defined, and the notices it caused.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        program = compile(DOCUMENTED_PROGRAM, "<documented program>", "exec")
        exec(program, names)  # noqa: S102 - a constant of this package
    notices = [str(warning.message) for warning in caught if warning.category is UserWarning]
    return names, notices


def _report_device(backend: IBMQBackend) -> None:
    properties = backend.properties()
    configuration = backend.configuration()
    _print_indented(
        {
            "device": repr(backend),
            "snapshot": "no calibration data"
            if properties is None
            else (f"calibrated {properties.last_update_date:%Y-%m-%d %H:%M %Z}"),
            "qubits": configuration.n_qubits,
        }
    )


def _check_first_job(job: IBMQJob, retrieved: IBMQJob) -> None:
    if job.job_id() != retrieved.job_id():
        raise CommandError(f"Job {job.job_id()} was run, but {retrieved.job_id()} retrieved.")


def _report_first_job(job: IBMQJob) -> None:
    """The circuit measures nothing; the service ends such a job with an error that says so."""
    job.wait_for_final_state(timeout=TIMEOUT_SECONDS)
    state = job.status().name
    _report_job(job)
    message = job.error_message()
    if state != "ERROR" or not message:
        raise CommandError(f"The job without measurements ended as {state}, not as an error.")
    print(textwrap.indent(textwrap.fill(f"The service says: {message}", 96), "  "))
    print("  That is as it was: the documented circuit measures nothing.\n")


def _run_measured(backend: IBMQBackend, circuit: Any) -> None:
    """The same circuit with measurements, on the same device."""
    from qiskit import transpile

    print("The same circuit with measure_all(), on the same device\n")
    measured = circuit.measure_all(inplace=False)
    job = backend.run(transpile(measured, backend=backend))
    job.wait_for_final_state(timeout=TIMEOUT_SECONDS)
    _report_job(job)
    outcome = job.result()
    counts = outcome.get_counts()
    shots = outcome.results[0].shots
    if sum(counts.values()) != shots:
        raise CommandError(f"{sum(counts.values())} counts came of {shots} shots.")
    print(f"\n  {shots} shots, {len(counts)} of {2**circuit.num_qubits} outcomes seen\n")
    print(textwrap.indent(histogram(counts, top=TOP_ROWS), "  ") + "\n")


def _report_job(job: IBMQJob) -> None:
    steps = sorted((job.time_per_step() or {}).items(), key=lambda step: step[1])
    _print_indented(
        {
            "job": job.job_id(),
            **{name.lower(): f"{at:%H:%M:%S.%f}"[:-3] for name, at in steps},
            "status": job.status().name,
        }
    )


def _print_indented(pairs: dict[str, Any]) -> None:
    print_pairs({f"  {name}": value for name, value in pairs.items()})
