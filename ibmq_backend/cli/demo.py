"""``ibmq-backend demo``, which runs the documented program with no account."""

from __future__ import annotations

import argparse
import os
import shutil
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from ibmq_backend import notices
from ibmq_backend.cli.connection import close_provider
from ibmq_backend.cli.documented_program import DOCUMENTED_PROGRAM
from ibmq_backend.cli.errors import CommandError
from ibmq_backend.cli.histogram import histogram
from ibmq_backend.cli.output import print_pairs, print_renderable

if TYPE_CHECKING:
    from ibmq_backend.backend.backend import IBMQBackend
    from ibmq_backend.job.job import IBMQJob

TIMEOUT_SECONDS: Final = 300.0
MAX_OUTCOMES: Final = 12
MAX_WIDTH: Final = 98

_NEXT: Final = """\
What to type next

  ibmq-backend backends                           all devices
  ibmq-backend status ibmq_vigo                   one of them
  ibmq-backend run FILE.qasm --backend ibmq_vigo  your own circuit
  ibmq-backend class new NAME                     a server for a class

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
    """Run the documented program, then its circuit with measurements, and print what happens.

    Returns:
        0.

    Raises:
        CommandError: the local service did something that the real one did not.
        IBMQError: a step failed.
    """
    del options
    print("The program\n")
    print(textwrap.indent(DOCUMENTED_PROGRAM, "  "))
    with local_service_only() as notice_about_account:
        names = _run_program()
        print("What happened\n")
        _print_paragraph(notice_about_account)
        backend, job = names["backend"], names["retrieved_job"]
        _report_device(backend)
        _check_first_job(names["job"], job)
        _report_first_job(job)
        _run_measured(backend, names["qx"])
        close_provider()
    print(_NEXT, end="")
    return 0


@contextmanager
def local_service_only() -> Iterator[str]:
    """Use the local service inside the block, even if the user has an account of another one.

    Yields:
        Why this service is used.

    Raises:
        IBMQAccountError: ``IBMQ_BACKEND_LOCAL=never`` is set, or a credentials file is malformed.
    """
    from ibmq_backend.credentials import LOCAL_VARIABLE, discover

    found = discover()
    notices.mark_shown("local")  # printed instead
    if found.target == "local":
        yield f"Using the local emulator of the retired devices: {found.reason}"
        return
    before = os.environ.get(LOCAL_VARIABLE)
    os.environ[LOCAL_VARIABLE] = "always"
    try:
        yield f"(The demo does not use your account in {found.source}: it runs on this machine.)"
    finally:
        if before is None:
            del os.environ[LOCAL_VARIABLE]
        else:
            os.environ[LOCAL_VARIABLE] = before


def _run_program() -> dict[str, Any]:
    """Run the program in a new namespace and return the names that it defined."""
    names: dict[str, Any] = {"__name__": "__main__"}
    program = compile(DOCUMENTED_PROGRAM, "<documented program>", "exec")
    exec(program, names)  # noqa: S102 - a constant of this package
    return names


def _report_device(backend: IBMQBackend) -> None:
    properties = backend.properties()
    configuration = backend.configuration()
    print_pairs(
        {
            "device": repr(backend),
            "snapshot": "no calibration data"
            if properties is None
            else (f"calibrated {properties.last_update_date:%Y-%m-%d %H:%M %Z}"),
            "qubits": configuration.n_qubits,
        },
        indent=2,
    )


def _check_first_job(job: IBMQJob, retrieved: IBMQJob) -> None:
    if job.job_id() != retrieved.job_id():
        raise CommandError(
            f"Job {job.job_id()} was submitted, but {retrieved.job_id()} was retrieved."
        )


def _report_first_job(job: IBMQJob) -> None:
    """Print the end of the first job, which fails because its circuit measures nothing."""
    job.wait_for_final_state(timeout=TIMEOUT_SECONDS)
    state = job.status().name
    _report_job(job)
    message = job.error_message()
    if state != "ERROR" or not message:
        raise CommandError(f"The job without measurements ended as {state} instead of ERROR.")
    _print_paragraph(f"The service says: {message}")
    _print_paragraph("The real device refused it too: the documented circuit measures nothing.")
    print()


def _run_measured(backend: IBMQBackend, circuit: Any) -> None:
    """Run the same circuit with measurements on the same device."""
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
        raise CommandError(f"The result has {sum(counts.values())} counts for {shots} shots.")
    print(f"\n  {shots} shots, {len(counts)} of {2**circuit.num_qubits} outcomes occurred\n")
    print_renderable(histogram(counts, top=MAX_OUTCOMES), indent=2)
    print()


def _print_paragraph(text: str) -> None:
    width = min(shutil.get_terminal_size((MAX_WIDTH, 0)).columns, MAX_WIDTH)
    print(textwrap.fill(text, width, initial_indent="  ", subsequent_indent="  "))


def _report_job(job: IBMQJob) -> None:
    steps = sorted((job.time_per_step() or {}).items(), key=lambda step: step[1])
    print_pairs(
        {
            "job": job.job_id(),
            **{name.lower(): f"{at:%H:%M:%S.%f}"[:-3] for name, at in steps},
            "status": job.status().name,
        },
        indent=2,
    )
