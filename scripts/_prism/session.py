"""Programs of our client through prism: one line for each step, violations, a count.

Called as ``python session.py <program of prism>``; see ``scripts/prism``.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from plain_steps import PlainRequests
from proxies import Front, Prism

ROOT = Path(__file__).resolve().parents[2]
HELD = "ibm_oslo"
DEVICE = "ibm_lagos"


class Program:
    """An account and a job, step by step.

    Args:
        service: The emulator.
        url: The address in front of the proxies.
    """

    def __init__(self, service: Any, url: str) -> None:
        self._service = service
        self._url = url
        self._provider: Any = None
        self._job: Any = None

    def steps(self) -> list[tuple[str, Callable[[], Any]]]:
        """Names and actions, in order; each gives something true."""
        return [
            ("enable_account with a CRN", self.account),
            ("enable_account with the name of an instance", self.account_by_name),
            ("provider.backends", lambda: self._provider.backends()),
            ("backend.configuration", lambda: self.backend().configuration().n_qubits == 7),
            ("backend.properties", lambda: self.backend().properties(refresh=True)),
            ("backend.status", lambda: self.backend().status().operational),
            ("backend.defaults", lambda: self.backend().defaults(refresh=True) is None),
            ("backend.job_limit", lambda: self.backend().job_limit()),
            ("backend.run of a Bell pair", self.run),
            ("job.result", self.result),
            ("job.status", lambda: self._job.status().name == "DONE"),
            ("job.time_per_step, from the metrics", lambda: self._job.time_per_step()),
            ("job.properties", self.properties),
            ("backend.jobs", lambda: self.found(self.backend().jobs(limit=5))),
            ("backend.jobs by tag", lambda: self.found(self.backend().jobs(job_tags=["course"]))),
            ("retrieve_job and its result", self.again),
            ("job.update_tags", lambda: "late" in self._job.update_tags(["late"])),
            ("job.update_name", lambda: self._job.update_name("second") == "second"),
            ("job.cancel of a waiting job", self.cancel),
            ("a job that does not exist", self.unknown),
            ("deletion of a job", self.delete),
        ]

    def backend(self) -> Any:
        """The device that our jobs run on."""
        return self._provider.get_backend(DEVICE)

    def account(self) -> Any:
        """Log in with the CRN of an instance."""
        return self._enable(self._service.crn)

    def account_by_name(self) -> Any:
        """Log in with the name of an instance, so that it is searched for."""
        return self._enable("premium-instance")

    def _enable(self, instance: str) -> Any:
        from ibmq_backend import IBMQ

        if IBMQ.active_account():
            IBMQ.disable_account()
        url, key = f"{self._url}/api", self._service.api_key
        self._provider = IBMQ.enable_account(key, url, instance=instance)
        return self._provider

    def circuit(self) -> Any:
        """A Bell pair for the device."""
        from qiskit import QuantumCircuit, transpile

        circuit = QuantumCircuit(2, 2)
        circuit.h(0)
        circuit.cx(0, 1)
        circuit.measure([0, 1], [0, 1])
        return transpile(circuit, self.backend())

    def run(self) -> Any:
        """Submit the circuit."""
        self._job = self.backend().run(
            self.circuit(), shots=500, job_name="first", job_tags=["course"]
        )
        return self._job.job_id()

    def result(self) -> bool:
        """Wait for the counts of a Bell pair."""
        counts = self._job.result(timeout=60, wait=0.5).get_counts()
        return sum(counts.values()) == 500 and counts["00"] + counts["11"] > 350

    def properties(self) -> Any:
        """The calibration at the time of the run."""
        return self._job.properties().backend_name == DEVICE

    def found(self, jobs: list[Any]) -> bool:
        """Whether a list holds our job and no other."""
        return [job.job_id() for job in jobs] == [self._job.job_id()]

    def again(self) -> bool:
        """Read the job and its result from the service."""
        job = self.backend().retrieve_job(self._job.job_id())
        return sum(job.result().get_counts().values()) == 500

    def cancel(self) -> bool:
        """End a job in the queue of a device that is held."""
        from ibmq_backend.emulator.service_state import DeviceState

        service_state = self._service.service_state
        service_state.set_device_state(HELD, DeviceState(status="maintenance"))
        job = self._provider.get_backend(HELD).run(self.circuit())
        cancelled = job.cancel()
        return bool(cancelled) and job.status().name == "CANCELLED"

    def unknown(self) -> bool:
        """Ask for a job that does not exist."""
        from ibmq_backend.exceptions import IBMQError

        try:
            self.backend().retrieve_job("0" * 20)
        except IBMQError:
            return True
        return False

    def delete(self) -> bool:
        """Remove our job from the account, which the documented classes do not offer."""
        from ibmq_backend.api.connect import connect
        from ibmq_backend.credentials import Credentials
        from ibmq_backend.records import JobQuery

        service = connect(
            Credentials(self._service.api_key, f"{self._url}/api", instance=self._service.crn)
        )
        try:
            client = service.open(service.instances()[0].id)
            client.delete(self._job.job_id())
            left = [job.job_id for job in client.jobs(JobQuery(), limit=None)]
        finally:
            service.close()
        return self._job.job_id() not in left


@contextmanager
def services(program: Path) -> Iterator[tuple[Any, Front]]:
    """The emulator, a prism for each description, and the address in front of them."""
    from ibmq_backend.emulator.http.embedded import LocalService

    with ExitStack() as stack:
        service = stack.enter_context(LocalService())
        spec = ROOT / "spec"
        platform = Prism(program, spec / "platform.yaml", service.platform_url)
        stack.callback(platform.stop)
        cloud = Prism(program, spec / "cloud.yaml", service.url)
        stack.callback(cloud.stop)
        platform.wait()
        cloud.wait()
        front = Front(platform.url, cloud.url)
        stack.callback(front.stop)
        yield service, front


def main(program: Path) -> int:
    """Run all steps.

    Returns:
        0 when all passed, else 1.
    """
    passed = failed = 0
    with services(program) as (service, front):
        plain = PlainRequests(service, front)
        for name, action in [*Program(service, front.url).steps(), *plain.steps()]:
            begun, known = len(front.exchanges), len(front.violations)
            try:
                problem = "" if action() else "not what was expected"
            except Exception as error:  # whatever a step raises is what is reported
                problem = f"{type(error).__name__}: {error}"
            new = front.violations[known:]
            requests = len(front.exchanges) - begun
            good = not problem and not new
            passed, failed = passed + good, failed + (not good)
            print(f"{'ok  ' if good else 'FAIL'} {name} ({requests} requests)", flush=True)
            for line in [problem, *new]:
                if line:
                    print(f"       {line}", flush=True)
        plain.close()
        paths = {(method, path) for method, path, _ in front.exchanges}
        print(
            f"{passed} passed, {failed} failed; {len(front.exchanges)} requests to {len(paths)} "
            f"addresses, {len(front.violations)} violations"
        )
    return 1 if failed else 0


def _stop(number: int, _: object) -> None:
    raise SystemExit(f"prism: took too long (signal {number})")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    with tempfile.TemporaryDirectory() as home:
        # No account of this machine's user may be met.
        for variable in list(os.environ):
            if variable.startswith(("QE_", "QISKIT_IBM", "IBMQ_BACKEND_")):
                del os.environ[variable]
        os.environ["HOME"] = home
        sys.exit(main(Path(sys.argv[1])))
