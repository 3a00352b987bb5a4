"""Exact numbers of requests and parses of the documented program on IBM Quantum Platform."""

from __future__ import annotations

from qiskit import QuantumCircuit

from ibmq_backend import IBMQ
from ibmq_backend.emulator.http.embedded import LocalService
from tests.support.counted_requests import CountedRequests

DEVICE = "ibm_sherbrooke"

EXPECTED = {
    "log in": (1, 1),
    "get a backend": (2, 2),
    "status": (1, 1),
    "properties": (1, 1),
    "configuration": (0, 0),
    "run": (2, 12),
    "result": (2, 2),
    "retrieve a job": (1, 1),
    "result of a retrieved job": (1, 1),
    "list jobs": (1, 1),
}
"""Requests and parses of JSON.

The least are these but two: ``run()`` asks for the usage of the instance, and the first result asks
for the metrics of the job. Each reply is parsed once; ``run()`` turns ten parts of the submission
into plain JSON values.
"""


def test_each_call_sends_and_parses_what_it_needs(monkeypatch, engine):
    with LocalService(engine=engine) as service:
        requests = CountedRequests(monkeypatch)
        seen = {}

        def counted(name, call):
            requests.take()
            requests.parses = 0
            value = call()
            seen[name] = (sum(requests.take().values()), requests.parses)
            return value

        def log_in():
            url = service.platform_url
            return IBMQ.enable_account(service.api_key, url, instance=service.crn)

        provider = counted("log in", log_in)
        backend = counted("get a backend", lambda: provider.get_backend(DEVICE))
        counted("status", backend.status)
        counted("properties", backend.properties)
        counted("configuration", backend.configuration)
        circuit = QuantumCircuit(1, 1)
        circuit.x(0)
        circuit.measure(0, 0)
        job = counted("run", lambda: backend.run(circuit))
        job.wait_for_final_state()
        counted("result", job.result)
        job = counted("retrieve a job", lambda: backend.retrieve_job(job.job_id()))
        counted("result of a retrieved job", job.result)
        counted("list jobs", lambda: backend.jobs(limit=1))
    assert seen == EXPECTED
