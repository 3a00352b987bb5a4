"""Jobs of the sampler: circuits of all kinds, their results, and what is refused."""

from __future__ import annotations

import numpy as np
from checks import check, equal, raises, share
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Parameter
from qiskit_ibm_runtime import SamplerV2
from qiskit_ibm_runtime.exceptions import RuntimeJobFailureError
from scene import Scene, bell, fitted
from service import DEVICE
from steps import Steps
from traffic import watched

steps = Steps("jobs")

HEAD = 'OPENQASM 3.0; include "stdgates.inc";'


@steps("a Bell circuit: counts, shots, times")
def counts(scene: Scene) -> None:
    backend = scene.backend()
    circuit = bell()
    circuit.metadata = {"lesson": 3}
    with watched() as seen:
        job = scene.run([fitted(circuit, backend)], shots=500, job_tags=["lesson", "bell"])
        result = job.result()
    found = result[0].data.c.get_counts()
    equal(sum(found.values()), 500, "shots")
    check(share(found, "00", "11") > 0.85, f"not entangled: {found}")
    equal(result[0].metadata["circuit_metadata"], {"lesson": 3}, "metadata")
    spans = result.metadata["execution"]["execution_spans"]
    equal(spans[0].size, 500, "shots in the times")
    check(spans.start <= spans.stop, "times")
    equal(result.metadata["emulation"]["device"], DEVICE, "device")
    equal(seen.paths("POST").count("/api/v1/jobs"), 1, "jobs created")
    scene.jobs["bell"] = job


@steps("several circuits with several registers in one job")
def registers(scene: Scene) -> None:
    circuit = QuantumCircuit(
        QuantumRegister(2, "q"), ClassicalRegister(1, "first"), ClassicalRegister(9, "second")
    )
    circuit.x(1)
    circuit.measure(0, 0)
    circuit.measure(1, 9)
    result = scene.run(fitted([circuit, bell()], scene.backend())).result()
    equal(len(result), 2, "results")
    data = result[0].data
    check(share(data.first.get_counts(), "0") > 0.9, "first register")
    check(share(data.second.get_counts(), "100000000") > 0.85, "second register")
    equal(data.second.num_bits, 9, "bits")
    joined = result[0].join_data().get_counts()
    check(share(joined, "1000000000") > 0.8, f"joined: {joined}")


@steps("a sweep over a parameter")
def sweep(scene: Scene) -> None:
    angle = Parameter("angle")
    circuit = QuantumCircuit(1, 1)
    circuit.rx(angle, 0)
    circuit.measure(0, 0)
    angles = np.linspace(0, np.pi, 4)
    pub = (fitted(circuit, scene.backend()), angles.reshape(4, 1))
    data = scene.run([pub]).result()[0].data.c
    equal(data.shape, (4,), "shape")
    ones = [data[index].get_counts().get("1", 0) / 200 for index in range(4)]
    check(ones == sorted(ones) and ones[0] < 0.1 < 0.9 < ones[3], f"shares of 1: {ones}")


@steps("a gate that depends on a measurement")
def dynamic(scene: Scene) -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.x(0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)) as other:
        circuit.x(1)
    with other:
        circuit.reset(1)
    circuit.measure(1, 1)
    found = scene.run([fitted(circuit, scene.backend())]).result()[0].data.c.get_counts()
    check(share(found, "11") > 0.85, f"counts: {found}")


@steps("devices of other eras: cx and cz")
def eras(scene: Scene) -> None:
    for name in ("ibm_lagos", "ibm_prague"):
        found = scene.run([fitted(bell(), scene.backend(name))], name=name).result()
        check(share(found[0].data.c.get_counts(), "00", "11") > 0.8, name)


@steps("OpenQASM 2-like nonsense fails with the code and the reason")
def broken(scene: Scene) -> None:
    client = scene.client()
    body = {"pubs": [["OPENQASM 2.0;", None, 10]], "version": 2, "support_qiskit": True}
    job = client._run("sampler", body, options={"backend": scene.backend()})
    error = raises(RuntimeJobFailureError, job.result, "1506")
    check("OPENQASM 3" in str(error), str(error))
    equal(job.status(), "ERROR", "status")
    check("1506" in (job.error_message() or ""), "error message")
    scene.jobs["failed"] = job


@steps("a circuit that is none of the device fails with 1517")
def not_isa(scene: Scene) -> None:
    body = {
        "pubs": [[f"{HEAD} bit[1] c; h $0; c[0] = measure $0;"]],
        "version": 2,
        "support_qiskit": True,
    }
    job = scene.client()._run("sampler", body, options={"backend": scene.backend()})
    raises(RuntimeJobFailureError, job.result, "1517", "instruction h")


@steps("plain results of texts")
def plain(scene: Scene) -> None:
    body = {
        "pubs": [[f"{HEAD} bit[1] c; x $0; c[0] = measure $0;", None, 9]],
        "version": 2,
        "support_qiskit": False,
    }
    job = scene.client()._run("sampler", body, options={"backend": scene.backend()})
    job.wait_for_final_state(timeout=30)
    result = job._api_client.job_results(job.job_id())
    check('"num_bits":1' in result.replace(" ", ""), result[:200])


@steps("a session: jobs inside, details, closing")
def session(scene: Scene) -> None:
    from qiskit_ibm_runtime import Session

    backend = scene.backend()
    with Session(backend=backend) as opened:
        sampler = SamplerV2(mode=opened)
        job = sampler.run([fitted(bell(), backend)], shots=50)
        job.result()
        equal(job.session_id, opened.session_id, "session")
        equal(opened.details()["state"], "active", "state")
    equal(opened.details()["state"], "closed", "state afterwards")


@steps("a batch, cancelled")
def batch(scene: Scene) -> None:
    from qiskit_ibm_runtime import Batch

    opened = Batch(backend=scene.backend())
    equal(opened.details()["mode"], "batch", "mode")
    opened.cancel()
    equal(opened.details()["state"], "closed", "state")
