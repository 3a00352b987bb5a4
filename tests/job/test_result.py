"""Results of jobs: what is copied, and how much memory they take."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
import textwrap

import orjson
import pytest

from ibmq_backend.exceptions import IBMQJobApiError
from ibmq_backend.job.result import result_from

DOCUMENT = {
    "backend_name": "ibmq_vigo",
    "backend_version": "1.2.3",
    "qobj_id": "q",
    "job_id": "j",
    "success": True,
    "date": "2021-05-04T10:00:00Z",
    "header": {"backend_name": "ibmq_vigo"},
    "results": [
        {
            "shots": 2,
            "success": True,
            "header": {"name": "bell", "memory_slots": 2, "creg_sizes": [["c", 2]]},
            "data": {"counts": {"0x0": 1, "0x3": 1}, "memory": ["0x0", "0x3"]},
        }
    ],
}


def test_a_document_is_not_copied_and_not_changed():
    document = copy.deepcopy(DOCUMENT)
    result = result_from(document, "j")
    assert document == DOCUMENT
    assert result.results[0].data.memory is document["results"][0]["data"]["memory"]
    result.results[0].header.name = "other"
    result.results[0].data.memory = []
    result.results.clear()
    assert document == DOCUMENT


def test_changes_of_a_result_end_with_a_refresh(backend, device_bell, monkeypatch):
    job = backend.run(device_bell, shots=100, memory=True)
    job.wait_for_final_state()
    parsed = []
    loads = orjson.loads
    monkeypatch.setattr(orjson, "loads", lambda text: parsed.append(text) or loads(text))
    result = job.result()
    assert len([text for text in parsed if b'"memory"' in bytes(text)]) == 1
    counts = result.get_counts()
    result.results[0].data.counts.clear()
    assert job.result() is result
    assert job.error_message() is None
    assert job.result(refresh=True).get_counts() == counts


def test_a_result_is_pickled_even_if_its_client_version_cannot_be_read(
    backend, device_bell, monkeypatch
):
    backend.run(device_bell, shots=100).wait_for_final_state()
    job = backend.jobs(limit=1)[0]
    result = job.result()

    def fail():
        raise IBMQJobApiError("down")

    with monkeypatch.context() as patch:
        patch.setattr(job, "refresh", fail)
        copied = pickle.loads(pickle.dumps(result))
        assert copied.get_counts() == result.get_counts()
        assert "client_version" not in result.to_dict()
    assert result.to_dict()["client_version"] == result.client_version == job.client_version


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_result_of_10_mb_needs_little_more_memory_than_its_text():
    entry = {**DOCUMENT["results"][0], "shots": 8192}
    entry["data"] = {"counts": {"0x0": 4096, "0x3": 4096}, "memory": ["0x0", "0x3"] * 4096}
    document = json.dumps({**DOCUMENT, "results": [entry]}, separators=(",", ":"))
    program = """
        import sys, httpx
        from pathlib import Path
        from ibmq_backend._http.settings import NetworkSettings
        from ibmq_backend.api.classic.calls import StorageCalls
        from ibmq_backend.job.result import result_from

        def read(copies):
            pieces = [start.encode()] + [entry] + [b"," + entry] * (copies - 1) + [b"]}"]
            reply = lambda _: httpx.Response(200, content=iter(pieces))
            calls = StorageCalls(NetworkSettings(), {}, httpx.MockTransport(reply))
            return result_from(calls.download("https://storage.example/j", "j"), "j")

        def memory(name):
            lines = Path("/proc/self/status").read_text().splitlines()
            return next(int(line.split()[1]) << 10 for line in lines if line.startswith(name))

        start, _, end = sys.stdin.read().partition('"results":[')
        start, entry = start + '"results":[', end[:-2].encode()
        read(1)
        idle = memory("VmRSS")
        result = read(200)
        assert len(result.get_memory(199)) == 8192
        print((memory("VmHWM") - idle) / (200 * len(entry)))
        """
    run = [sys.executable, "-c", textwrap.dedent(program)]
    shown = subprocess.run(run, input=document, capture_output=True, text=True, check=True)
    assert float(shown.stdout) < 4.0  # 14 with a string for each shot and a copy
