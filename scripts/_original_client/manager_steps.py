"""The job manager: sets of jobs."""

from __future__ import annotations

from checks import check, equal, raises, share
from qiskit.providers.ibmq import IBMQJobManager
from qiskit.providers.ibmq.managed import IBMQJobManagerUnknownJobSet
from qiskit.providers.jobstatus import JobStatus
from scene import SIMULATOR, Scene, bell, constant, fitted
from steps import Steps

steps = Steps("job manager")

_LATER = "01234567890123456789012345678901-01234567890123456"


@steps("ten circuits in four jobs, results in order and by name")
def run(scene: Scene) -> None:
    manager = IBMQJobManager()
    circuits = [constant(value, 4, f"value {value}") for value in range(10)]
    jobs = manager.run(
        circuits,
        scene.backend(SIMULATOR),
        name="session set",
        max_experiments_per_job=3,
        job_tags=["managed"],
        shots=50,
    )
    results = jobs.results()
    check(results.success, "not all succeeded")
    equal(len(jobs.jobs()), 4, "jobs")
    for value, circuit in enumerate(circuits):
        wanted = {format(value, "04b"): 50}
        for key in (value, circuit.name, circuit):
            equal(dict(results.get_counts(key)), wanted, f"counts of {key}")
    equal(len(results.combine_results().results), 10, "results in one")
    equal(set(jobs.statuses()), {JobStatus.DONE}, "statuses")
    equal(jobs.error_messages(), None, "error messages")
    equal(jobs.job("value 7")[1], 1, "place of a circuit in its job")
    check("session set" in manager.report(), manager.report())
    scene.jobs["set"] = jobs


@steps("a set is retrieved by its id, its name and tags changed")
def retrieve(scene: Scene) -> None:
    jobs = scene.job("set")
    equal(sorted(jobs.update_tags(additional_tags=["again"])), ["again", "managed"], "tags")
    jobs.update_name("renamed set")
    again = IBMQJobManager().retrieve_job_set(jobs.job_set_id(), scene.provider)
    equal((again.name(), sorted(again.tags())), ("renamed set", ["again", "managed"]), "set")
    equal(dict(again.results().get_counts(9)), {"1001": 50}, "counts")
    raises(
        IBMQJobManagerUnknownJobSet,
        lambda: IBMQJobManager().retrieve_job_set(_LATER, scene.provider),
    )


@steps("more jobs than the device takes at a time")
def more_than_the_limit(scene: Scene) -> None:
    backend = scene.backend()
    circuits = fitted([bell(f"bell {number}") for number in range(8)], backend)
    jobs = IBMQJobManager().run(circuits, backend, max_experiments_per_job=1, shots=500)
    results = jobs.results()
    equal(len(jobs.jobs()), 8, "jobs")
    for number in range(8):
        counts = results.get_counts(f"bell {number}")
        check(share(counts, "00", "11") > 0.8, f"not a Bell pair: {counts}")


@steps("a failing job in a set: its message, and the results of the others")
def failing(scene: Scene) -> None:
    backend = scene.backend()
    circuits = [fitted(bell("good"), backend), bell("bad")]
    jobs = IBMQJobManager().run(circuits, backend, max_experiments_per_job=1, shots=100)
    results = jobs.results()
    check(not results.success, "a success")
    equal(jobs.statuses(), [JobStatus.DONE, JobStatus.ERROR], "statuses")
    check("Instruction h" in jobs.error_messages(), jobs.error_messages())
    equal(sum(results.get_counts("good").values()), 100, "shots of the good one")
