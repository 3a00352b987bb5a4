"""Jobs afterwards: retrieving, lists, metrics, logs, tags, waiting, cancelling, deleting."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from checks import check, equal, raises
from qiskit_ibm_runtime import SamplerV2
from qiskit_ibm_runtime.exceptions import (
    RuntimeInvalidStateError,
    RuntimeJobNotFound,
    RuntimeJobTimeoutError,
)
from scene import Scene, bell, fitted
from service import DEVICE, HELD, OPEN
from steps import Steps

steps = Steps("afterwards")


@steps("a job retrieved by its id is the same")
def retrieved(scene: Scene) -> None:
    job = scene.job("bell")
    again = scene.client().job(job.job_id())
    equal(again.status(), "DONE", "status")
    equal(again.backend().name, DEVICE, "device")
    equal(sorted(again.tags), ["bell", "lesson"], "tags")
    equal(again.result()[0].data.c.get_counts(), job.result()[0].data.c.get_counts(), "counts")
    check(again.creation_date <= datetime.now(UTC).astimezone(), "creation date")
    (circuit, *_) = again.inputs["pubs"][0]
    equal(circuit.count_ops()["measure"], 2, "measurements of the circuit that was sent")
    equal(again.primitive_id, "sampler", "program")


@steps("metrics, usage and log")
def metrics(scene: Scene) -> None:
    job = scene.job("bell")
    found = job.metrics()
    times = found["timestamps"]
    check(times["created"] <= times["running"] <= times["finished"], f"times: {times}")
    check(job.usage() > 0, "usage")
    equal(found["usage"]["status"], "complete", "usage")
    equal(job.logs(), "", "log")
    check("1506" in scene.job("failed").logs(), "log of a failed job")
    check(job.usage_estimation["quantum_seconds"] is not None, "estimate")
    check(job.properties().t1(0) > 0, "properties of the time")


@steps("tags are replaced")
def tags(scene: Scene) -> None:
    job = scene.job("bell")
    equal(sorted(job.update_tags(["bell", "other"])), ["bell", "other"], "tags")
    found = scene.client().jobs(job_tags=["other"])
    equal([one.job_id() for one in found], [job.job_id()], "jobs with the tag")


@steps("lists: by device, state, time, tags and order, in pages")
def lists(scene: Scene) -> None:
    client = scene.client()
    everything = client.jobs(limit=None)
    check(len(everything) >= 10, f"{len(everything)} jobs")
    ids = [one.job_id() for one in everything]
    equal(len(ids), len(set(ids)), "different jobs")
    dates = [one.creation_date for one in everything]
    equal(dates, sorted(dates, reverse=True), "newest first")
    equal([one.job_id() for one in client.jobs(limit=3, skip=2)], ids[2:5], "a page")
    oldest = client.jobs(limit=1, descending=False)
    equal(oldest[0].job_id(), ids[-1], "oldest")
    equal(client.jobs(pending=True), [], "pending")
    equal(len(client.jobs(pending=False, limit=None)), len(ids), "final")
    equal({one.backend().name for one in client.jobs(backend_name="ibm_lagos")}, {"ibm_lagos"}, "")
    hour = timedelta(hours=1)
    now = datetime.now().astimezone()
    equal(len(client.jobs(created_after=now - hour, limit=None)), len(ids), "after")
    equal(client.jobs(created_before=now - hour), [], "before")
    equal(client.jobs(program_id="estimator"), [], "of another program")


@steps("jobs wait in the queue of a device that is held, and are cancelled")
def cancelled(scene: Scene) -> None:
    job = _held(scene)
    equal(job.status(), "QUEUED", "status")
    raises(RuntimeJobTimeoutError, lambda: job.result(timeout=1))
    equal(scene.backend(HELD).status().pending_jobs, 1, "pending jobs")
    equal([one.job_id() for one in scene.client().jobs(pending=True)], [job.job_id()], "pending")
    job.cancel()
    equal(job.status(), "CANCELLED", "status")
    raises(RuntimeInvalidStateError, job.result)
    raises(RuntimeInvalidStateError, job.cancel)
    equal(scene.backend(HELD).status().pending_jobs, 0, "pending jobs")


@steps("somebody waiting for a job sees it end")
def waiting(scene: Scene) -> None:
    job = _held(scene)
    timer = threading.Timer(0.6, scene.client().job(job.job_id()).cancel)
    timer.start()
    job.wait_for_final_state(timeout=20)
    timer.join()
    equal(job.status(), "CANCELLED", "status")


@steps("a job is deleted and gone")
def deleted(scene: Scene) -> None:
    client, job_id = scene.client(), scene.job("failed").job_id()
    client.delete_job(job_id)
    raises(RuntimeJobNotFound, lambda: client.job(job_id), job_id)
    raises(RuntimeJobNotFound, lambda: client.delete_job(job_id))


@steps("a private job gives its result once and its input never")
def private(scene: Scene) -> None:
    job = scene.run([fitted(bell(), scene.backend())], private=True)
    check(job.result()[0].data.c.num_shots == 200, "shots")
    again = scene.client().job(job.job_id())
    equal(again.private, True, "private")
    equal(again.inputs, {}, "input")


@steps("jobs of another instance are its own")
def other_instance(scene: Scene) -> None:
    client = scene.client(OPEN)
    raises(RuntimeJobNotFound, lambda: client.job(scene.job("bell").job_id()))
    equal(client.jobs(), [], "jobs")


def _held(scene: Scene) -> Any:
    backend = scene.backend(HELD)
    return SamplerV2(mode=backend).run([fitted(bell(), backend)], shots=10)
