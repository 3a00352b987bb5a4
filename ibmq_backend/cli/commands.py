"""The commands that talk to a service."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from ibmq_backend.cli.connection import close_provider, open_provider
from ibmq_backend.cli.errors import CommandError
from ibmq_backend.cli.histogram import histogram
from ibmq_backend.cli.output import (
    print_json,
    print_pairs,
    print_renderable,
    print_table,
    print_text,
)
from ibmq_backend.cli.programs import read_circuit
from ibmq_backend.units import to_local

if TYPE_CHECKING:
    from ibmq_backend.account.provider import AccountProvider
    from ibmq_backend.job.job import IBMQJob

Command = Callable[[argparse.Namespace], int]


def backends(options: argparse.Namespace, provider: AccountProvider) -> int:
    """List the backends: name, qubits, simulator or device, limits."""
    rows = []
    for backend in provider.backends():
        configuration = backend.configuration()
        rows.append(
            {
                "name": backend.name(),
                "qubits": configuration.n_qubits,
                "kind": "simulator" if configuration.simulator else "device",
                "max_shots": configuration.max_shots,
                "max_circuits": getattr(configuration, "max_experiments", None),
            }
        )
    if options.json:
        print_json(rows)
    else:
        print_table(rows, "The account offers no devices.")
    return 0


def status(options: argparse.Namespace, provider: AccountProvider) -> int:
    """Show the state, the queue and the calibration date of one backend."""
    backend = provider.get_backend(options.name)
    state = backend.status()
    properties = backend.properties()
    facts = {
        "name": backend.name(),
        "place": provider.describe_service(),
        "version": state.backend_version,
        "operational": state.operational,
        "pending_jobs": state.pending_jobs,
        "status": state.status_msg,
        "calibrated": None if properties is None else properties.last_update_date,
    }
    _print_facts(options, facts)
    return 0


def run(options: argparse.Namespace, provider: AccountProvider) -> int:
    """Run a program and show its counts."""
    from qiskit import transpile

    circuit = read_circuit(options.file)
    backend = provider.get_backend(options.backend)
    given = {"shots": options.shots, "seed_simulator": options.seed}
    job = backend.run(
        transpile(circuit, backend=backend, seed_transpiler=options.seed),
        **{name: value for name, value in given.items() if value is not None},
    )
    if not options.json:
        print_pairs({"job": job.job_id(), "backend": repr(backend)})
    if options.no_wait:
        if options.json:
            print_json({"job": job.job_id(), "status": job.status().name})
        return 0
    return _show_result(options, job)


def jobs(options: argparse.Namespace, provider: AccountProvider) -> int:
    """List jobs, newest first."""
    found = provider.backend.jobs(limit=options.limit, backend_name=options.backend)
    if options.backend is not None and not found:
        provider.get_backend(options.backend)  # an error unless there is such a device
    rows = [
        {
            "id": job.job_id(),
            "created": _created(job),
            "status": job.status().name,
            "backend": job.backend().name(),
            "name": job.name(),
        }
        for job in found
    ]
    if options.json:
        print_json(rows)
    else:
        print_table(rows, "There are no jobs.")
    return 0


def _created(job: IBMQJob) -> datetime | None:
    from ibmq_backend.job.job import record_of

    created = record_of(job).created
    return None if created is None else to_local(created)


def job(options: argparse.Namespace, provider: AccountProvider) -> int:
    """Show one job: its state, labels and times."""
    one = provider.backend.retrieve_job(options.id)
    state = one.status().name
    facts: dict[str, Any] = {
        "job": one.job_id(),
        "backend": one.backend().name(),
        "status": state,
        "created": _created(one),
        "name": one.name(),
        "tags": one.tags(),
        "queue_position": one.queue_position() if state == "QUEUED" else None,
        "error": one.error_message() if state == "ERROR" else None,
    }
    steps = one.time_per_step() or {}
    if options.json:
        print_json({**facts, "steps": steps})
    else:
        print_pairs({**facts, **{f"step {name}": at for name, at in steps.items()}})
    return 0


def result(options: argparse.Namespace, provider: AccountProvider) -> int:
    """Wait for one job to end and show its counts."""
    one = provider.backend.retrieve_job(options.id)
    if not options.json:
        print_pairs({"job": one.job_id(), "backend": repr(one.backend())})
    return _show_result(options, one)


def cancel(options: argparse.Namespace, provider: AccountProvider) -> int:
    """Cancel one job.

    Raises:
        CommandError: the job has already ended.
    """
    one = provider.backend.retrieve_job(options.id)
    if one.cancel():
        print_text(f"Job {one.job_id()} is cancelled.")
        return 0
    raise CommandError(f"Job {one.job_id()} cannot be cancelled: it is {one.status().name}.")


def usage(options: argparse.Namespace, provider: AccountProvider) -> int:
    """Show the device time that the instance has used, and what is left."""
    used = provider.usage()
    facts = {
        "place": provider.describe_service(),
        "consumed_seconds": used.consumed_seconds,
        "limit_seconds": used.limit_seconds,
        "remaining_seconds": used.remaining_seconds,
        "start": used.start,
        "end": used.end,
        "limit_reached": used.limit_reached,
    }
    _print_facts(options, facts)
    return 0


def counts_of(outcome: Any) -> list[dict[str, Any]]:
    """Return name, shots and counts of each circuit of a result, in submission order.

    ``counts`` is ``None`` for a circuit without counts, such as a schedule measured at level 1.
    """
    from qiskit.exceptions import QiskitError

    found = []
    for index, experiment in enumerate(outcome.results):
        try:
            counts: dict[str, int] | None = dict(outcome.get_counts(index))
        except QiskitError:  # the circuit has no counts
            counts = None
        header = getattr(experiment, "header", None)
        found.append(
            {
                "circuit": getattr(header, "name", None),
                "shots": experiment.shots,
                "counts": counts,
            }
        )
    return found


def _show_result(options: argparse.Namespace, one: IBMQJob) -> int:
    try:
        outcome = one.result()
    except KeyboardInterrupt:
        again = f"ibmq-backend result {one.job_id()}{_account_options(options)}"
        print(
            f"\nJob {one.job_id()} was not cancelled. To fetch it later: {again}", file=sys.stderr
        )
        raise
    circuits = counts_of(outcome)
    state = one.status().name
    if options.json:
        print_json(
            {
                "job": one.job_id(),
                "backend": one.backend().name(),
                "status": state,
                "circuits": circuits,
            }
        )
        return 0
    print_pairs({"status": state}, width=len("backend"))
    for circuit in circuits:
        print()
        print_text(f"{circuit['circuit'] or 'circuit'}: {circuit['shots']} shots")
        if circuit["counts"] is None:
            print("(no counts)")
        else:
            print_renderable(histogram(circuit["counts"]))
    return 0


def _account_options(options: argparse.Namespace) -> str:
    given = {"--url": options.url, "--token-env": options.token_env}
    return "".join(f" {name} {shlex.quote(value)}" for name, value in given.items() if value)


def _print_facts(options: argparse.Namespace, facts: dict[str, Any]) -> None:
    if options.json:
        print_json(facts)
    else:
        print_pairs(facts)


def _with_provider(
    command: Callable[[argparse.Namespace, AccountProvider], int],
) -> Command:
    def connected(options: argparse.Namespace) -> int:
        provider = open_provider(options)
        try:
            return command(options, provider)
        finally:
            close_provider()

    return connected


COMMANDS: Final[dict[str, Command]] = {
    function.__name__: _with_provider(function)
    for function in (backends, status, run, jobs, job, result, cancel, usage)
}
"""Functions by the names of their commands."""
