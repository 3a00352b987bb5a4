"""Jobs on a device: what is sent, what comes back, what the job tells afterwards."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime

from checks import check, distance, equal, raises, share
from qiskit import QuantumCircuit, assemble
from qiskit.circuit import Parameter
from qiskit.providers.ibmq.exceptions import IBMQBackendApiError, IBMQBackendError
from qiskit.providers.ibmq.job.exceptions import IBMQJobFailureError
from qiskit.providers.jobstatus import JobStatus
from qiskit_aer import AerSimulator
from scene import DEVICE, Scene, bell, constant, fitted
from service import OURS
from steps import Steps
from traffic import watched

steps = Steps("device jobs")

_SHOTS = 4096


@steps("an assembled Qobj on ibmq_vigo: three requests to submit, a Bell pair comes back")
def qobj(scene: Scene) -> None:
    backend = scene.backend()
    document = assemble(fitted(bell(), backend), backend, shots=_SHOTS)
    with watched() as seen:
        job = backend.run(document)
    equal([method for method, _, _ in seen.requests], ["POST", "PUT", "POST"], "requests")
    counts = job.result().get_counts()
    equal(sum(counts.values()), _SHOTS, "shots")
    check(share(counts, "00", "11") > 0.85, f"not a Bell pair: {counts}")
    check(0.3 < share(counts, "11") < 0.6, f"not half and half: {counts}")
    check(len(counts) == 4, f"a device without noise: {counts}")
    equal(job.result().qobj_id, document.qobj_id, "qobj_id of the result")
    scene.jobs["qobj"] = job


@steps("the counts are those of Aer with the noise of the same calibration")
def noise(scene: Scene) -> None:
    backend = scene.backend()
    circuit = fitted(bell(), backend)
    reference = AerSimulator.from_backend(backend)
    expected = reference.run(circuit, shots=100_000, seed_simulator=5).result().get_counts()
    found = scene.job("qobj").result().get_counts()
    check(distance(found, expected) < 0.03, f"{found} and {expected} differ")


@steps("a circuit with name, tags, header and memory")
def circuit(scene: Scene) -> None:
    backend = scene.backend()
    job = backend.run(
        fitted(bell(), backend),
        shots=500,
        memory=True,
        header={"note": "kept", "number": 7},
        job_name="session bell",
        job_tags=["session", "bell"],
    )
    equal((job.name(), sorted(job.tags())), ("session bell", ["bell", "session"]), "name and tags")
    result = job.result()
    memory = result.get_memory()
    equal(len(memory), 500, "entries of the memory")
    check(set(memory) <= {"00", "01", "10", "11"}, f"memory: {set(memory)}")
    counts = result.get_counts("bell")
    equal({key: memory.count(key) for key in counts}, dict(counts), "counts of the memory")
    header = result.header.to_dict()
    equal((header["note"], header["number"]), ("kept", 7), "header of the result")
    equal(result.results[0].header.name, "bell", "header of the circuit")
    equal((result.backend_name, result.job_id), (DEVICE, job.job_id()), "whose result")
    check(isinstance(result.date, datetime) and result.date.tzinfo, f"date: {result.date}")
    scene.jobs["circuit"] = job


@steps("a list of circuits comes back in its order and by name")
def circuits(scene: Scene) -> None:
    backend = scene.backend()
    values = (0, 5, 18, 31)
    listed = [constant(value, 5, f"value {value}") for value in values]
    job = backend.run(fitted(listed, backend), shots=1000)
    result = job.result()
    for index, value in enumerate(values):
        wanted = format(value, "05b")
        for key in (index, f"value {value}"):
            counts = result.get_counts(key)
            check(max(counts, key=counts.get) == wanted, f"{key}: {counts}, not {wanted}")
    scene.jobs["list"] = job


@steps("values for the parameters of a circuit")
def parameters(scene: Scene) -> None:
    backend = scene.backend()
    angle = Parameter("angle")
    turned = QuantumCircuit(1, 1)
    turned.rx(angle, 0)
    turned.measure(0, 0)
    binds = [{angle: value} for value in (0.0, 3.141592653589793)]
    job = backend.run(fitted(turned, backend), parameter_binds=binds, shots=1000)
    zero, one = job.result().get_counts()
    check(share(zero, "0") > 0.85 and share(one, "1") > 0.85, f"counts: {zero}, {one}")


@steps("a job retrieved by id tells all that the submitted one knew")
def retrieved(scene: Scene) -> None:
    submitted = scene.job("circuit")
    with watched() as seen:
        job = scene.provider.backend.retrieve_job(submitted.job_id())
    equal(len(seen.requests), 1, "requests")
    equal((job.job_id(), job.backend().name()), (submitted.job_id(), DEVICE), "job")
    equal(job.name(), "session bell", "name")
    equal(sorted(job.tags()), ["bell", "session"], "tags")
    equal(job.status(), JobStatus.DONE, "status")
    equal(job.result().get_counts(), submitted.result().get_counts(), "counts")
    equal(job.header()["note"], "kept", "header")
    options = job.backend_options()
    equal((options["shots"], options["memory"]), (500, True), "options")
    again = job.circuits()
    equal([one.name for one in again], ["bell"], "circuits")
    equal(again[0].count_ops(), submitted.circuits()[0].count_ops(), "gates")
    equal(job.scheduling_mode(), "fairshare", "scheduling mode")
    equal(job.client_version, {"qiskit": "0.46.3"}, "client version")
    equal(job.error_message(), None, "error message")
    equal(job.queue_info(), None, "queue information")
    equal(job.summary_data_["summary"]["num_circuits"], 1, "summary")


@steps("times of a job: every step, in order, in local time")
def times(scene: Scene) -> None:
    job = scene.job("circuit")
    job.refresh()
    found = job.time_per_step()
    names = ["CREATING", "CREATED", "VALIDATING", "VALIDATED", "QUEUED", "RUNNING", "COMPLETED"]
    equal(list(found), names, "steps")
    moments = list(found.values())
    equal(sorted(moments), moments, "times")
    check(moments[0] == job.creation_date(), "the first step is not the creation")
    age = datetime.now(UTC) - moments[-1]
    check(0 <= age.total_seconds() < 300, f"the end was {age} ago")
    equal(moments[0].utcoffset(), moments[0].astimezone().utcoffset(), "offset")


@steps("calibration of the device when the job ran")
def job_properties(scene: Scene) -> None:
    found = scene.job("circuit").properties()
    equal(found.backend_name, DEVICE, "device")
    now = scene.backend().properties()
    equal(found.gate_error("cx", [0, 1]), now.gate_error("cx", [0, 1]), "error of cx")


@steps("a job of another device and of nobody")
def not_ours(scene: Scene) -> None:
    job_id = scene.job("circuit").job_id()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        raises(
            IBMQBackendError, lambda: scene.backend(OURS).retrieve_job(job_id), "does not belong"
        )
    raises(
        IBMQBackendApiError,
        lambda: scene.backend().retrieve_job("0" * 24),
        "404 Client Error",
        "Error code: 3250",
    )


@steps("a job in our booking runs there")
def dedicated(scene: Scene) -> None:
    backend = scene.backend(OURS)
    job = backend.run(fitted(bell(), backend), shots=100)
    equal(sum(job.result().get_counts().values()), 100, "shots")
    equal(job.scheduling_mode(), "dedicated", "scheduling mode")


@steps("an instruction that the device does not know: the message names it")
def unknown_instruction(scene: Scene) -> None:
    backend = scene.backend()
    job = backend.run(bell("not fitted"), shots=100)
    message = job.error_message()
    equal(job.status(), JobStatus.ERROR, "status")
    for fragment in ("Instruction h", "not fitted", DEVICE, "Error code: "):
        check(fragment in message, f"no {fragment!r} in {message!r}")
    raises(IBMQJobFailureError, job.result, "Instruction h", job.job_id())
    again = backend.retrieve_job(job.job_id())
    equal(again.error_message(), message, "message of the retrieved job")
    scene.jobs["failed"] = job


@steps("a gate on qubits that are not coupled, too many shots: refused with a number")
def refused(scene: Scene) -> None:
    backend = scene.backend()
    far = QuantumCircuit(5, 1, name="far")
    far.cx(0, 4)
    far.measure(4, 0)
    job = backend.run(far, shots=100)
    message = job.error_message()
    check("cx" in message and "[0, 4]" in message, f"message: {message}")
    document = assemble(fitted(bell(), backend), backend, shots=100)
    document.config.shots = 10_000
    job = backend.run(document)
    raises(IBMQJobFailureError, job.result)
    message = job.error_message()
    check("10000" in message and message.endswith("Error code: 1103."), f"message: {message}")
