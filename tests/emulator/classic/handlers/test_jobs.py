"""Jobs from creation to result, and their limits."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx
import pytest

from ibmq_backend.emulator.checks.qobj import JobRefused
from ibmq_backend.emulator.core.clock import ManualClock, parse_moment
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.engine.engine import EngineError
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import DeviceState, Settings
from tests.emulator.conftest import ServiceMaker
from tests.support.emulator import Client, bell, error_of, login, until
from tests.support.engines import FakeEngine


def test_from_creation_to_result(client: Client, engine: FakeEngine) -> None:
    client.http.headers["X-Qx-Client-Application"] = "qiskit-ibmq-provider,qiskit-terra/0.20.2,0.46"
    before = datetime.now(UTC).replace(microsecond=0)
    created = client.create(name="bell pair", tags=["a", "b", "a"], experimentTag="e1")
    assert created["status"] == "CREATING"
    assert created["kind"] == "q-object-external-storage"
    assert len(created["id"]) == 24
    assert int(created["id"], 16) >= 0
    assert created["hubInfo"]["hub"]["name"] == "ibm-q"
    assert list(created["timePerStep"]) == ["CREATING"]
    assert client.upload(created, bell()).content == b""

    accepted = client.post(f"P/Jobs/{created['id']}/jobDataUploaded").json()
    assert list(accepted) == ["job"]
    assert accepted["job"]["id"] == created["id"]
    assert accepted["job"]["creationDate"] == created["creationDate"]
    assert accepted["job"]["summaryData"]["size"]["input"] == len(json.dumps(bell()))
    assert not {"qObject", "error", "infoQueue"} & set(accepted["job"])

    client.wait(created["id"])
    job = client.job(created["id"])
    assert job["status"] == "COMPLETED"
    assert job["backend"]["name"] == "ibmq_vigo"
    assert job["name"] == "bell pair"
    assert job["tags"] == ["a", "b"]
    assert job["experimentTag"] == "e1"
    assert job["runMode"] == "fairshare"
    assert job["shots"] == 100
    assert job["clientInfo"] == {
        "name": "qiskit-ibmq-provider,qiskit-terra",
        "version": "0.20.2,0.46",
    }
    assert list(job["timePerStep"]) == [
        "CREATING", "CREATED", "VALIDATING", "VALIDATED", "QUEUED", "RUNNING", "COMPLETED",
    ]  # fmt: skip
    times = [parse_moment(text) for text in job["timePerStep"].values()]
    assert times == sorted(set(times))
    assert before <= times[0]
    assert times[-1] <= datetime.now(UTC)
    assert job["endDate"] == job["timePerStep"]["COMPLETED"]
    summary = job["summaryData"]
    assert summary["success"] is True
    assert summary["resultTime"] >= 0
    assert summary["size"]["output"] > 0
    assert summary["summary"]["num_circuits"] == 1
    assert summary["summary"]["gates_executed"] == 2
    assert summary["summary"]["max_qubits_used"] == 2
    assert summary["summary"]["qobj_config"]["n_qubits"] == 5
    assert None not in job.values()
    assert not {"infoQueue", "qObject", "jobId", "apiClient", "self"} & set(job)
    assert client.job(created["id"]) == job

    address = client.json(f"P/Jobs/{created['id']}/jobDownloadUrl")["url"]
    assert httpx.get(address, trust_env=False).json() == bell()
    result = client.result(created["id"])
    assert result["job_id"] == created["id"]
    assert result["header"] == bell()["header"]
    assert result["results"][0]["header"]["metadata"] == {"lesson": 3}
    assert result["date"] + "Z" <= job["endDate"]
    assert client.post(f"P/Jobs/{created['id']}/resultDownloaded").json() == {"terminated": True}
    assert client.json(f"P/Jobs/{created['id']}/properties") == client.json(
        "P/devices/ibmq_vigo/properties", version=1
    )
    assert [task.device for task in engine.tasks] == ["ibmq_vigo"]


def test_seeds_depend_on_the_service_and_the_job(make_service: ServiceMaker) -> None:
    seeds = []
    for seed in (1, 1, 2):
        engine = FakeEngine()
        client = login(make_service(Settings(seed=seed), engine=engine))
        for _ in range(2):
            client.wait(client.submit())
        seeds.append([task.seed for task in engine.tasks])
    assert seeds[0] == seeds[1]
    assert seeds[0] != seeds[2]
    assert len(set(seeds[0])) == 2


def test_marking_before_the_upload(client: Client) -> None:
    job = client.create()
    assert error_of(client.post(f"P/Jobs/{job['id']}/jobDataUploaded")) == (400, 3251)
    assert client.status(job["id"])["status"] == "CREATING"


def test_marking_twice_has_no_effect(client: Client, engine: FakeEngine) -> None:
    engine.hold()
    job_id = client.submit()
    engine.wait_for_tasks(1)
    again = client.post(f"P/Jobs/{job_id}/jobDataUploaded").json()["job"]
    assert (again["id"], again["status"]) == (job_id, "RUNNING")
    engine.failure = EngineError("Out of helium", 5205)
    engine.release()
    client.wait(job_id)
    again = client.post(f"P/Jobs/{job_id}/jobDataUploaded").json()["job"]
    assert again["status"] == "ERROR_RUNNING_JOB"
    assert "error" not in again
    assert len(engine.tasks) == 1


def test_upload_urls(client: Client) -> None:
    job = client.create()
    assert client.upload(job, {"first": 1}).status_code == 200
    fresh = client.json(f"P/Jobs/{job['id']}/jobUploadUrl")["url"]
    assert httpx.put(fresh, json=bell(), trust_env=False).status_code == 200
    client.post(f"P/Jobs/{job['id']}/jobDataUploaded")
    assert error_of(client.upload(job, {"late": 1})) == (403, 2409)
    assert error_of(client.get(f"P/Jobs/{job['id']}/jobUploadUrl")) == (400, 3211)
    assert client.wait(job["id"])["status"] == "COMPLETED"


def test_storage_urls_are_signed(client: Client, service: LocalService) -> None:
    job_id = client.submit()
    client.wait(job_id)
    address = httpx.URL(client.json(f"P/Jobs/{job_id}/resultDownloadUrl")["url"])
    path = f"/storage/result-{job_id}.json"
    assert address.path == path
    good = dict(address.params)
    other = f"/storage/qObject-{job_id}.json"
    for changed, where in (
        ({**good, "signature": "0" * 64}, path),
        ({**good, "signature": ""}, path),
        ({"expires": good["expires"]}, path),
        ({"signature": good["signature"]}, path),
        ({**good, "expires": str(int(good["expires"]) + 1)}, path),
        ({**good, "expires": "x"}, path),
        (good, other),
    ):
        reply = httpx.get(service.url + where, params=changed, trust_env=False)
        assert error_of(reply) == (403, 2409)
    assert error_of(httpx.put(str(address), content=b"{}", trust_env=False)) == (403, 2409)
    with_wrong_token = httpx.get(address, headers={"X-Access-Token": "no"}, trust_env=False)
    assert with_wrong_token.status_code == 200
    client.delete(f"P/Jobs/{job_id}")
    assert error_of(httpx.get(address, trust_env=False)) == (404, 3302)


def test_storage_urls_expire(make_service: ServiceMaker, clock: ManualClock) -> None:
    client = login(make_service(clock=clock))
    job = client.create()
    clock.advance(604_801)
    assert error_of(client.upload(job, bell())) == (403, 2409)


def test_rejected_data(client: Client, engine: FakeEngine) -> None:
    too_many = bell(shots=10**9)
    unknown = bell()
    unknown["experiments"][0]["instructions"][0] = {"name": "teleport", "qubits": [0]}
    for data, says in ((too_many, "shots"), (unknown, "teleport"), (b"no JSON", "JSON"), ([], "")):
        job_id = client.submit(data)
        assert client.wait(job_id)["status"] == "ERROR_VALIDATING_JOB"
        job = client.job(job_id)
        assert says in job["error"]["message"]
        assert not job["error"]["message"].endswith(".")  # clients add it
        assert 1000 <= job["error"]["code"] <= 9999
        assert job["endDate"] == job["timePerStep"]["ERROR_VALIDATING_JOB"]
        assert "runMode" not in job
        assert error_of(client.get(f"P/Jobs/{job_id}/resultDownloadUrl")) == (400, 3211)
        assert client.json(f"P/Jobs/{job_id}/properties") == {}
    assert engine.tasks == []


@pytest.mark.parametrize(
    ("failure", "message", "code"),
    [
        (EngineError("Out of helium", 5205), "Out of helium", 5205),
        (JobRefused("Gate 'x' is broken", ErrorCode.NOT_IN_BASIS), "Gate 'x' is broken", 7000),
        (RuntimeError("a defect"), "Internal error", 1000),
    ],
)
def test_failed_runs(
    client: Client, engine: FakeEngine, failure: Exception, message: str, code: int
) -> None:
    engine.failure = failure
    job_id = client.submit()
    assert client.wait(job_id)["status"] == "ERROR_RUNNING_JOB"
    assert client.job(job_id)["error"] == {"message": message, "code": code}
    assert client.job(job_id)["summaryData"]["success"] is False
    result = client.result(job_id)
    assert result["error"] == {"message": message, "code": code}
    assert result["success"] is False
    assert result["results"] == []
    assert result["qobj_id"] == bell()["qobj_id"]
    engine.failure = None
    assert client.wait(client.submit())["status"] == "COMPLETED"


def test_partial_results_are_kept(client: Client, engine: FakeEngine) -> None:
    engine.partial = True
    job_id = client.submit()
    assert client.wait(job_id)["status"] == "ERROR_RUNNING_JOB"
    assert [one["success"] for one in client.result(job_id)["results"]] == [True, False]
    assert client.job(job_id)["error"]["code"] == 5203


def test_no_result_before_the_end(client: Client, engine: FakeEngine) -> None:
    engine.hold()
    job_id = client.submit()
    engine.wait_for_tasks(1)
    assert error_of(client.get(f"P/Jobs/{job_id}/resultDownloadUrl")) == (400, 3211)
    assert client.post(f"P/Jobs/{job_id}/resultDownloaded").json() == {"terminated": False}
    engine.release()
    client.wait(job_id)


@pytest.mark.parametrize("state", ["CREATING", "QUEUED", "RUNNING"])
def test_cancelling(client: Client, service: LocalService, engine: FakeEngine, state: str) -> None:
    engine.hold()
    if state == "CREATING":
        job_id = client.create()["id"]
    else:
        if state == "QUEUED":
            service.service_state.set_device_state("ibmq_vigo", DeviceState(status="internal"))
        job_id = client.submit()
        client.wait(job_id, state)
    assert client.post(f"P/Jobs/{job_id}/cancel").json() == {"cancelled": True}
    job = client.job(job_id)
    assert job["status"] == "CANCELLED"
    assert list(job["timePerStep"])[-2:] == [state, "CANCELLED"]
    assert job["endDate"] == job["timePerStep"]["CANCELLED"]
    assert client.post(f"P/Jobs/{job_id}/cancel").json() == {"cancelled": True}
    if state == "RUNNING":  # the engine is notified, and its late reply is ignored
        until(lambda: job_id in engine.cancelled, bool)
    service.service_state.set_device_state("ibmq_vigo", DeviceState())
    engine.release()
    client.wait(client.submit())
    assert client.job(job_id) == job
    assert error_of(client.get(f"P/Jobs/{job_id}/resultDownloadUrl")) == (400, 3211)


def test_cancelling_too_late(client: Client) -> None:
    job_id = client.submit()
    client.wait(job_id)
    answer = client.post(f"P/Jobs/{job_id}/cancel").json()
    assert answer["cancelled"] is False
    assert answer["error"]["code"] == 3209
    assert client.status(job_id)["status"] == "COMPLETED"


def test_the_reply_to_cancel_is_correct_in_a_race(client: Client) -> None:
    """Jobs are run and cancelled at the same time; the replies match the final states."""

    def race(_number: int) -> tuple[bool, str]:
        job_id = client.submit(backend="ibmq_qasm_simulator")
        answered = client.post(f"P/Jobs/{job_id}/cancel").json()["cancelled"]
        return answered, client.wait(job_id)["status"]

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(race, range(24)))
    assert {answer for answer, _ in outcomes} <= {True, False}
    for answered, status in outcomes:
        assert answered == (status == "CANCELLED")


def test_changing_name_and_tags(client: Client) -> None:
    job_id = client.submit(name="old", tags=["x"])
    assert client.put(f"P/Jobs/{job_id}", json={"name": "new"}).json() == {"name": "new"}
    reply = client.put(f"P/Jobs/{job_id}", json={"tags": ["a", "b"]})
    assert reply.json() == {"tags": ["a", "b"]}
    job = client.job(job_id)
    assert (job["name"], job["tags"]) == ("new", ["a", "b"])
    assert client.put(f"P/Jobs/{job_id}", json={"tags": []}).json() == {"tags": []}
    assert client.job(job_id)["tags"] == []
    for body, code in (({}, 2403), ({"status": "COMPLETED"}, 2403), ({"name": None}, 2400)):
        assert error_of(client.put(f"P/Jobs/{job_id}", json=body)) == (400, code)
    client.wait(job_id)


def test_deleting(client: Client, engine: FakeEngine) -> None:
    done = client.submit()
    client.wait(done)
    engine.hold()
    running = client.submit()
    engine.wait_for_tasks(2)
    for job_id in (done, running):
        assert client.delete(f"P/Jobs/{job_id}").json() == {}
        assert error_of(client.get(f"P/Jobs/{job_id}/v/1")) == (404, 3250)
        assert error_of(client.delete(f"P/Jobs/{job_id}")) == (404, 3250)
    assert client.statuses() == []
    assert client.json("P/devices/ibmq_vigo/jobsLimit")["runningJobs"] == 0
    engine.release()
    assert client.wait(client.submit())["status"] == "COMPLETED"


@pytest.mark.parametrize("job_id", ["0" * 24, "x", "%00", "6091' or '1'='1", "A" * 24, "v"])
def test_unknown_jobs(client: Client, job_id: str) -> None:
    assert error_of(client.get(f"P/Jobs/{job_id}/v/1")) == (404, 3250)
    assert error_of(client.get(f"P/Jobs/{job_id}/status/v/1")) == (404, 3250)


def test_the_job_limit(client: Client, engine: FakeEngine) -> None:
    engine.hold()
    jobs = [client.create()["id"] for _ in range(4)] + [client.submit()]
    assert client.json("P/devices/ibmq_vigo/jobsLimit") == {"maximumJobs": 5, "runningJobs": 5}
    reply = client.post("P/Jobs", json={"backend": {"name": "ibmq_vigo"}})
    assert error_of(reply) == (400, 3458)
    assert "Reached maximum number of concurrent jobs" in reply.json()["error"]["message"]
    assert client.json("P/devices/ibmq_rome/jobsLimit")["runningJobs"] == 0
    assert client.json("P/devices/ibmq_qasm_simulator/jobsLimit")["maximumJobs"] == -1
    client.create("ibmq_rome")
    client.post(f"P/Jobs/{jobs[0]}/cancel")
    client.create()
    engine.release()


def test_the_job_limit_applies_to_parallel_requests(make_service: ServiceMaker) -> None:
    client = login(make_service(Settings(job_limits={"ibmq_vigo": 3})))

    def create(_number: int) -> int:
        return client.post("P/Jobs", json={"backend": {"name": "ibmq_vigo"}}).status_code

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(create, range(12)))
    assert sorted(codes) == [200] * 3 + [400] * 9


def test_the_job_limit_is_per_user_and_project(make_service: ServiceMaker) -> None:
    service = make_service(Settings(device_job_limit=1, any_instance=True, open_mode=True))
    ada, bob = login(service), login(service, "bob")
    ada.create()
    bob.create()
    ada.project = "/Network/a/Groups/b/Projects/c"
    ada.create()
    assert error_of(ada.post("P/Jobs", json={"backend": {"name": "ibmq_vigo"}})) == (400, 3458)


def test_jobs_without_data_fail(make_service: ServiceMaker, clock: ManualClock) -> None:
    client = login(make_service(Settings(creation_seconds=3600), clock=clock))
    job = client.create()
    clock.advance(3601)
    assert client.wait(job["id"])["status"] == "ERROR_CREATING_JOB"
    assert client.job(job["id"])["error"] == {
        "message": "The data of the job was not uploaded in time",
        "code": 3251,
    }
    assert client.json("P/devices/ibmq_vigo/jobsLimit")["runningJobs"] == 0


def test_creation_dates_are_unique_and_increase(
    make_service: ServiceMaker, clock: ManualClock
) -> None:
    """Also for parallel requests while the clock stands still."""
    client = login(make_service(Settings(device_job_limit=-1), clock=clock))
    with ThreadPoolExecutor(8) as pool:
        jobs = list(pool.map(lambda _: client.create(), range(40)))
    dates = [job["creationDate"] for job in jobs]
    assert len(set(dates)) == 40
    later = client.create()["creationDate"]
    assert later > max(dates)


def test_steps_increase_when_the_clock_stands_still(
    make_service: ServiceMaker, clock: ManualClock
) -> None:
    client = login(make_service(clock=clock))
    job_id = client.submit()
    client.wait(job_id)
    steps = list(client.job(job_id)["timePerStep"].values())
    assert len(set(steps)) == 7
    assert steps == sorted(steps)


def test_aliases_of_devices(client: Client) -> None:
    job_id = client.submit(backend="ibmqx2")
    client.wait(job_id)
    assert client.job(job_id)["backend"]["name"] == "ibmq_5_yorktown" or (
        client.job(job_id)["backend"]["name"] == "ibmqx2"
    )
    assert client.json("P/devices/ibmqx2/queue/status")["state"] is True


def test_a_user_with_many_jobs_does_not_hold_up_another(
    make_service: ServiceMaker, engine: FakeEngine
) -> None:
    service = make_service(Settings(open_mode=True, device_job_limit=-1))
    many, one = login(service, "many"), login(service, "one")
    engine.hold()
    queued = [many.submit() for _ in range(100)]
    many.wait(queued[-1], "QUEUED")
    engine.wait_for_tasks(1)
    job_id = one.submit()
    assert one.wait(job_id, "QUEUED")["infoQueue"]["position"] == 1
    assert many.status(queued[-1])["infoQueue"]["position"] == 100
    engine.release()
    one.wait(job_id, "COMPLETED")
    assert engine.tasks[1].job_id == job_id
