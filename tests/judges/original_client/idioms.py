"""Print what old programs would find out, as JSON, with whichever client is installed.

Token and URL are in the variables ``JUDGE_TOKEN`` and ``JUDGE_URL``. What depends on chance is run
with a seed, or printed as a truth value. Of dates only the type is printed, since the original
client replaces their time zone.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from qiskit import IBMQ, QuantumCircuit, assemble, execute, pulse, transpile
from qiskit.circuit import Parameter
from qiskit.circuit.library import CU1Gate, CU3Gate, U1Gate, U2Gate, U3Gate

SIMULATOR, DEVICE, PULSE_DEVICE = "ibmq_qasm_simulator", "ibmq_vigo", "ibmq_armonk"
OURS = hasattr(QuantumCircuit, "cu1")  # Terra 0.46 has dropped it


def old_gates(provider: Any) -> Any:
    """Return the counts of a circuit of 2019."""
    circuit = QuantumCircuit(3, 3)
    circuit.h(range(3))
    if OURS:
        circuit.u1(0.3, 0)
        circuit.u2(0.1, 0.2, 1)
        circuit.u3(0.4, 0.5, 0.6, 2)
        circuit.cu1(0.7, 0, 1)
        circuit.cu3(0.8, 0.9, 1.0, 1, 2)
        readout = QuantumCircuit(3, 3)
        readout.measure(range(3), range(3))
        circuit += readout
    else:
        circuit.append(U1Gate(0.3), [0])
        circuit.append(U2Gate(0.1, 0.2), [1])
        circuit.append(U3Gate(0.4, 0.5, 0.6), [2])
        circuit.append(CU1Gate(0.7), [0, 1])
        circuit.append(CU3Gate(0.8, 0.9, 1.0), [1, 2])
        circuit.measure(range(3), range(3))
    options = {"shots": 1000, "seed_simulator": 5, "seed_transpiler": 7, "memory": True}
    result = execute(circuit, provider.get_backend(SIMULATOR), **options).result()
    return result.get_counts(), result.get_memory()[:50]


def metadata_and_headers(provider: Any) -> Any:
    """Return what users attached to a job, as the service gives it back."""
    circuit = flipped()
    circuit.metadata = {
        "integer": np.int64(3),
        "number": np.float64(0.5),
        "complex": 1 + 2j,
        "row": np.arange(3),
        "pair": (0, 1),
        "nested": {"deep": [np.int32(1), None, True]},
        "missing": float("nan"),
        Parameter("φ"): 0.2,
        7: "integer key",
    }
    header = {"note": "kept", "point": 3, "list": [1, {"a": None}]}
    options = {"header": header, "job_name": "attached", "job_tags": ["b", "a"]}
    job = provider.get_backend(SIMULATOR).run(circuit, shots=10, **options)
    result = job.result()
    again = provider.backend.retrieve_job(job.job_id())
    return {
        "metadata": result.results[0].header.metadata,
        "header": job.header(),
        "retrieved": [again.header(), again.name(), sorted(again.tags())],
        "options": again.backend_options()["shots"],
        "circuit": again.circuits()[0].name,
        "counts": result.get_counts("flipped"),
    }


def results(provider: Any) -> Any:
    """Return the shape of a result as a dictionary, and the times of its job."""
    device = provider.get_backend(DEVICE)
    document = assemble(transpile(flipped(), device, seed_transpiler=7), device, shots=200)
    job = device.run(document)
    result = job.result().to_dict()
    return {
        "result": sorted(set(result) - {"date", "time_taken"}),
        "experiment": sorted(result["results"][0]),
        "header": result["results"][0]["header"],
        "steps": list(job.time_per_step()),
        "likely": result["results"][0]["data"]["counts"]["0x1"] > 150,
        "types": [type(job.creation_date()).__name__, type(job.qobj().config.shots).__name__],
    }


def devices(provider: Any) -> Any:
    """Return the documents of some devices."""
    found = {}
    for name in (SIMULATOR, DEVICE, PULSE_DEVICE, "ibmq_manhattan"):
        backend = provider.get_backend(name)
        properties, defaults = backend.properties(), backend.defaults()
        found[name] = {
            "configuration": backend.configuration().to_dict(),
            "properties": properties and properties.to_dict(),
            "defaults": defaults and sorted(defaults.to_dict()),
            "status": [backend.status().operational, backend.status().status_msg],
        }
    return found


def properties_of_a_date(provider: Any) -> Any:
    """Return calibrations by date, with dates of every kind."""
    backend, now = provider.get_backend(DEVICE), datetime.now(UTC)
    dates = (now, now.replace(tzinfo=None), now + timedelta(days=3000))
    return [backend.properties(datetime=date).t1(0) for date in dates]


def jobs_by_date(provider: Any) -> Any:
    """Return how many of our jobs are within limits."""
    backend, tag = provider.get_backend(SIMULATOR), f"dated {time.time_ns()}"
    backend.run(flipped(), shots=10, job_tags=[tag]).result()
    now, day = datetime.now(UTC), timedelta(days=1)
    limits = (
        {"start_datetime": now - day},
        {"end_datetime": now + day},
        {"start_datetime": now + day},
        {"start_datetime": (now - day).replace(tzinfo=None), "end_datetime": now + day},
        {"start_datetime": datetime.min},
        {"end_datetime": datetime.max.replace(tzinfo=UTC)},
    )
    return [len(backend.jobs(job_tags=[tag], **each)) for each in limits]


def failures(provider: Any) -> Any:
    """Return the codes of jobs that fail."""
    device, found = provider.get_backend(DEVICE), []
    foreign = QuantumCircuit(1, 1, name="foreign")
    foreign.h(0)
    foreign.measure(0, 0)
    conditional = flipped()
    conditional.x(0).c_if(0, 1)
    conditional.measure(0, 0)
    for circuit in (foreign, conditional):
        job = device.run(circuit, shots=10)
        job.wait_for_final_state()
        sentence, code = re.match(r"(.*?)\.? Error code: (\d+)", job.error_message()).groups()
        found.append([job.status().name, code, sentence])
    return found


def points_of_the_readout(provider: Any) -> Any:
    """Return what a schedule gives at ``meas_level=1``."""
    backend = provider.get_backend(PULSE_DEVICE)
    measure = backend.defaults().instruction_schedule_map.get("measure", [0])
    flip = backend.defaults().instruction_schedule_map.get("x", [0])
    zero, one = pulse.Schedule(name="zero"), pulse.Schedule(name="one")
    zero += measure
    one += flip
    one += measure << one.duration
    job = backend.run([zero, one], meas_level=1, meas_return="single", shots=200)
    points = [job.result().get_memory(index) for index in (0, 1)]
    gap = abs(points[0].mean() - points[1].mean())
    return [[p.shape, p.dtype.name, bool(p.std() < gap)] for p in points]


def flipped() -> QuantumCircuit:
    """Return a circuit that measures 1."""
    circuit = QuantumCircuit(1, 1, name="flipped")
    circuit.x(0)
    circuit.measure(0, 0)
    return circuit


IDIOMS: tuple[Callable[[Any], Any], ...] = (
    old_gates,
    metadata_and_headers,
    results,
    devices,
    properties_of_a_date,
    jobs_by_date,
    failures,
    points_of_the_readout,
)


def main() -> None:
    provider = IBMQ.enable_account(os.environ["JUDGE_TOKEN"], url=os.environ["JUDGE_URL"])
    found = {}
    for idiom in IDIOMS:
        try:
            found[idiom.__name__] = idiom(provider)
        except Exception as error:  # both must fail in the same way
            found[idiom.__name__] = f"{type(error).__name__}: {error}"
    print(json.dumps(found, default=lambda value: type(value).__name__))


if __name__ == "__main__":
    main()
