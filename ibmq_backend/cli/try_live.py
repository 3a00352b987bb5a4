"""``ibmq-backend try-live``: one job of one shot on IBM Quantum Platform, step by step."""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from ibmq_backend.cli.connection import given_token
from ibmq_backend.cli.errors import CommandError
from ibmq_backend.cli.output import print_text
from ibmq_backend.cli.parser import DEFAULT_TOKEN_VARIABLE

if TYPE_CHECKING:
    from ibmq_backend.api.port import ServiceClient
    from ibmq_backend.backend.backend import IBMQBackend
    from ibmq_backend.credentials import Credentials
    from ibmq_backend.records import InstanceId
    from ibmq_backend.testing.cassette import AccountRecording

MAX_SECONDS: Final = 30
"""Longest time of the job on the device; the service cancels it then."""

_SAVE_ONE: Final = "Save one with `ibmq-backend account save`."
_COSTS: Final = f"This submits one job of 1 shot, at most {MAX_SECONDS} s of your quota."
_INDENT: Final = " " * 10


def run(options: argparse.Namespace) -> int:
    """Log in, choose a device, run one shot on it, and write a cassette of all that was sent.

    Returns:
        0 if every step succeeded and the cassette was written, else 1.

    Raises:
        CommandError: there is no account of the platform, or nobody agreed to the job.
        Exception: the error of the first step that failed, after the cassette was written.
    """
    try:
        from ibmq_backend.testing.cassette import AccountRecording
        from ibmq_backend.testing.recorded_account import account_of_credentials
    except ModuleNotFoundError as error:
        from ibmq_backend.installation.extras import describe_missing

        raise CommandError(describe_missing("try-live", "testing", error.name)) from None
    credentials, source = _account(options)
    if not _may_submit(options):
        print_text("Nothing was sent.")
        return 1
    path = _new_file(options.cassette)
    recording = AccountRecording(account_of_credentials(credentials), path)
    try:
        with recording.active():
            _Walk(recording, credentials, source).run(options.backend)
    finally:
        written = _write(recording, path)
    return 0 if written else 1


def _account(options: argparse.Namespace) -> tuple[Credentials, str]:
    """Return the account and where it was found.

    Raises:
        CommandError: it is not one of IBM Quantum Platform.
    """
    from attrs import evolve

    from ibmq_backend.credentials import discover
    from ibmq_backend.credentials.discover import HOW_TO_CONNECT
    from ibmq_backend.testing.recorded_account import account_of_credentials

    if options.url:
        found = discover(
            given_token(options),
            options.url,
            instance=options.instance,
            channel="ibm_quantum_platform",
        )
        source = options.token_env or DEFAULT_TOKEN_VARIABLE
    else:
        found = discover()
        source = found.source
    if found.credentials is None:
        reason = (found.reason or "").replace(HOW_TO_CONNECT, _SAVE_ONE)
        raise CommandError(f"try-live needs an account of IBM Quantum Platform. {reason}")
    if account_of_credentials(found.credentials).instance is None:
        raise CommandError(
            f"try-live needs an account of IBM Quantum Platform; the one in {source} is of a "
            f"classic server. {_SAVE_ONE}"
        )
    if options.instance and not options.url:
        return evolve(found.credentials, instance=options.instance), source
    return found.credentials, source


def _may_submit(options: argparse.Namespace) -> bool:
    if options.yes:
        print_text(_COSTS)
        return True
    if sys.stdin is None or not sys.stdin.isatty():
        raise CommandError(f"{_COSTS} There is no terminal to ask on: add --yes to agree.")
    try:
        return input(f"{_COSTS} Go on? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _new_file(name: str | None) -> Path:
    """Create an empty file for the cassette, so that it cannot fail after the job has run."""
    usual = f"ibmq-try-live-{date.today().isoformat()}"
    names = (
        [name]
        if name
        else itertools.chain(
            [f"{usual}.yaml"], (f"{usual}-{number}.yaml" for number in itertools.count(2))
        )
    )
    for path in map(Path, names):
        try:
            path.open("x").close()
        except FileExistsError:
            continue
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from None
        return path
    raise CommandError(f"{name} exists already. Choose another file with --cassette FILE.")


def _write(recording: AccountRecording, path: Path) -> bool:
    """Write the cassette and say so; return whether it is written."""
    try:
        if len(recording):
            recording.save()
    except AssertionError as problem:  # a secret is left, or a body is not text
        path.unlink()
        print_text(f"cassette  {problem}")
        return False
    if not len(recording):
        path.unlink()
        print_text("cassette  none: no reply was received")
        return False
    print_text(f"cassette  {path}: {_count(recording)}, without secrets;")
    print_text(f"{_INDENT}send it with this output to report how it went")
    return True


class _Walk:
    """The steps from the account to the counts; each says what is asked and what came.

    Args:
        recording: sees the requests.
        credentials: the account.
        source: where the account was found.
    """

    def __init__(self, recording: AccountRecording, credentials: Credentials, source: str) -> None:
        self._recording = recording
        self._credentials = credentials
        self._source = source

    def run(self, device: str | None) -> None:
        """Take all steps.

        Args:
            device: name of the device to use; ``None`` for the least busy one.
        """
        from ibmq_backend.api.connect import connect

        with self._step("account", f"log in with the API key in {self._source}") as came:
            service = connect(self._credentials)
            came.append(f"accepted by {self._credentials.base_url}")
        try:
            backend = self._backend(self._instance(service), service, device)
            self._job(backend)
        finally:
            service.close()

    def _instance(self, service: ServiceClient) -> InstanceId:
        from ibmq_backend.credentials.crn import is_crn

        wanted = self._credentials.instance
        if wanted is None:
            asked = "look for the instances of the account"
        else:
            asked = "use the instance of the CRN" if is_crn(wanted) else f"look for {wanted}"
        with self._step("instance", asked) as came:
            first, *others = service.instances()
            more = f"; {len(others)} more" if others else ""
            came.append(", ".join(filter(None, (first.id.label, first.description))) + more)
            return first.id

    def _backend(
        self, instance: InstanceId, service: ServiceClient, name: str | None
    ) -> IBMQBackend:
        from ibmq_backend.account.provider import AccountProvider
        from ibmq_backend.backend.selection import least_busy

        asked = f"find {name}" if name else "list the devices and their queues"
        with self._step("device", asked) as came:
            credentials = self._credentials.for_instance(instance.crn or "")
            provider = AccountProvider(credentials, service.open(instance))
            backend = (
                provider.get_backend(name)
                if name
                else least_busy(provider.backends(simulator=False))
            )
            state = backend.status()
            if not (state.operational and state.status_msg == "active"):
                raise CommandError(
                    f"{backend.name()} takes no jobs now ({state.status_msg}). Leave out --backend "
                    "to use another device."
                )
            qubits = backend.configuration().n_qubits
            came.append(f"{backend.name()}, {qubits} qubits, {state.pending_jobs} jobs waiting")
        return backend

    def _job(self, backend: IBMQBackend) -> None:
        from qiskit import QuantumCircuit, transpile

        flip = QuantumCircuit(1, 1, name="try-live")
        flip.x(0)
        flip.measure(0, 0)
        with self._step("circuit", "read the calibration, transpile X and a measurement") as came:
            circuit = transpile(flip, backend)
            gates = ", ".join(f"{count} {name}" for name, count in circuit.count_ops().items())
            came.append(f"{gates} in the gates of the device")
        with self._step("job", f"submit 1 shot with max_execution_time={MAX_SECONDS}") as came:
            job = backend.run(circuit, shots=1, max_execution_time=MAX_SECONDS)
            came.append(f"job {job.job_id()}, {job.status().name}")
        try:
            with self._step("result", "wait for the job and read its result") as came:
                counts = job.result().get_counts()
                came.append(f"{job.status().name}, counts {counts}")
        except KeyboardInterrupt:
            print_text(f"{_INDENT}The job goes on. To fetch it: ibmq-backend result {job.job_id()}")
            raise

    @contextmanager
    def _step(self, name: str, asked: str) -> Iterator[list[str]]:
        """Print what is asked, and what the block adds to the list."""
        print_text(f"{name:<8}  {asked}")
        sys.stdout.flush()
        requests, start = len(self._recording), time.monotonic()
        came: list[str] = []
        word = "failed"
        try:
            yield came
            word = "->"
        except KeyboardInterrupt:
            word = "interrupted"
            raise
        finally:
            if word != "->":
                came.append(self._last_exchange(requests))
            cost = f"{_count(self._recording, requests)}, {time.monotonic() - start:.1f} s"
            print_text(f"{_INDENT}{word} {came[-1]} ({cost})")

    def _last_exchange(self, requests: int) -> str:
        if len(self._recording) == requests:
            return "without a reply"
        request, status = self._recording.last()
        return f"after {request.method} {urlsplit(request.uri).path}: status {status}"


def _count(recording: AccountRecording, before: int = 0) -> str:
    number = len(recording) - before
    return f"{number} request{'' if number == 1 else 's'}"
