"""Odd replies of the service: what each of them costs a user, and that it costs no more."""

from __future__ import annotations

import copy
from argparse import Namespace
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
from attrs import frozen
from qiskit import QuantumCircuit, transpile
from qiskit.providers import JobStatus

from ibmq_backend import least_busy
from ibmq_backend.account.provider import AccountProvider
from ibmq_backend.cli import commands
from ibmq_backend.credentials import Credentials
from ibmq_backend.exceptions import (
    ApiConnectionError,
    ApiError,
    ApiServerError,
    ApiStatusError,
    IBMQBackendApiProtocolError,
    IBMQJobApiError,
    IBMQJobFailureError,
    IBMQJobTimeoutError,
)
from ibmq_backend.jupyter.tables import jobs_table
from tests.support.fake_service import Reply, Turn
from tests.support.platform_replies import (
    API_KEY,
    BASE,
    CRN,
    DEVICE,
    JOB_ID,
    Service,
    calibration,
    error_reply,
    job,
    line_device,
    metrics,
    plain_results,
)
from tests.support.static_html import rows

OTHER = "ibm_other"


@frozen
class Scene:
    """A provider of a scripted service, and its log."""

    service: Service
    provider: AccountProvider
    caplog: pytest.LogCaptureFixture

    @property
    def backend(self) -> Any:
        return self.provider.get_backend(DEVICE)

    def job(self) -> Any:
        return self.provider.backend.retrieve_job(JOB_ID)

    def names(self, **conditions: Any) -> list[str]:
        return [each.name() for each in self.provider.backends(**conditions)]

    def logged(self, text: str) -> bool:
        """Return whether exactly one line of the log contains a text."""
        return sum(text in line for line in self.caplog.messages) == 1


@frozen
class Odd:
    """An odd reply.

    Attributes:
        reply: what is odd about it.
        lost: what it costs.
        seen: what the user sees.
        replies: the replies of the service that differ from the usual ones.
        check: checks what is lost and what is kept.
    """

    reply: str
    lost: str
    seen: str
    replies: Mapping[str, Reply]
    check: Callable[[Scene], None]


def bell() -> QuantumCircuit:
    circuit = QuantumCircuit(2, 2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    return circuit


def of(name: str, reply: Reply, otherwise: Reply) -> Reply:
    """Return a reply for one device and another one for all others."""

    def answer(request: httpx.Request) -> httpx.Response:
        found = reply if f"/{name}/" in request.url.path else otherwise
        return found if isinstance(found, httpx.Response) else httpx.Response(200, json=found)

    return answer


def changed(document: Any, change: Callable[[Any], object]) -> Any:
    document = copy.deepcopy(document)
    change(document)
    return document


def reordered(document: Any) -> Any:
    """Return a document with its fields in reverse order and one more in each object."""
    if isinstance(document, dict):
        turned = {name: reordered(document[name]) for name in reversed(document)}
        return {"brand_new": {"of": [2027]}, **turned}
    return [reordered(each) for each in document] if isinstance(document, list) else document


def listed(*jobs: Any, **more: Any) -> Any:
    return {"jobs": list(jobs), "count": len(jobs), "offset": 0, "limit": 200, **more}


def in_state(word: str, **state: Any) -> Any:
    return job(status=word, state={"status": word, **state})


# -- checks ---------------------------------------------------------------------------------------


def one_device_is_missing(scene: Scene) -> None:
    assert scene.names() == [DEVICE]
    assert scene.logged(f"{OTHER} is left out: ")
    assert scene.provider.get_backend(DEVICE).name() == DEVICE
    with pytest.raises((ApiStatusError, IBMQBackendApiProtocolError), match=OTHER):
        scene.provider.get_backend(OTHER)


def its_code_and_next_step_are_named(scene: Scene) -> None:
    with pytest.raises(ApiStatusError, match=rf"{OTHER}/configuration.* Error code: 1352\. .*plan"):
        scene.provider.get_backend(OTHER)


def its_next_step_is_a_note(scene: Scene) -> None:
    with pytest.raises(ApiServerError, match=f"503 .*{OTHER}/configuration") as caught:
        scene.provider.get_backend(OTHER)
    assert caught.value.__notes__ == [caught.value.hint]
    assert "Wait" in caught.value.hint
    assert scene.caplog.messages == []


def no_device_is_an_error(scene: Scene) -> None:
    for ask in (scene.provider.backends, lambda: scene.provider.get_backend(DEVICE)):
        with pytest.raises(ApiServerError, match=f"{DEVICE}/configuration"):
            ask()


def a_lost_connection_is_an_error(scene: Scene) -> None:
    with pytest.raises(ApiConnectionError):
        scene.provider.backends()


def both_devices_are_listed(scene: Scene) -> None:
    assert scene.names() == [DEVICE, OTHER]


def one_state_is_missing(scene: Scene) -> None:
    every = scene.provider.backends()
    assert [each.name() for each in every] == [DEVICE, OTHER]
    assert scene.names(operational=True) == [DEVICE]
    assert scene.logged(f"{OTHER} is left out: ")
    assert least_busy(every).name() == DEVICE
    with pytest.raises((ApiError, IBMQBackendApiProtocolError)):
        scene.provider.get_backend(OTHER).status()


def no_state_is_an_error(scene: Scene) -> None:
    every = scene.provider.backends()
    for ask in (lambda: scene.names(operational=True), lambda: least_busy(every)):
        with pytest.raises(ApiServerError):
            ask()


def device_works(scene: Scene) -> None:
    done = transpile(bell(), scene.backend, seed_transpiler=1)
    assert set(done.count_ops()) <= {"cz", "rz", "sx", "x", "measure", "barrier"}
    counts = scene.backend.run(done).result().get_counts()
    assert counts == {"00": 1, "11": 1}


def runs_without_usage(scene: Scene) -> None:
    device_works(scene)
    assert scene.service.sent("getUsage")


def has_no_period(scene: Scene) -> None:
    usage = scene.provider.usage()
    assert (usage.remaining_seconds, usage.start, usage.end) == (597.0, None, None)


def device_has_no_dt(scene: Scene) -> None:
    assert not hasattr(scene.backend.configuration(), "dt")
    assert scene.logged(f"The configuration of {DEVICE} has fields that cannot be read: ")
    device_works(scene)


def lacks(*lost: str) -> Callable[[Scene], None]:
    """Check that qubit 0 lacks values, and nothing else is missing."""

    def check(scene: Scene) -> None:
        properties = scene.backend.properties()
        kept = {entry.name for entry in properties.qubits[0]}
        assert kept == {"T1", "T2", "readout_error"} - set(lost)
        assert properties.t1(1) == pytest.approx(201e-6)
        assert properties.readout_error(1) == 0.01
        assert properties.gate_error("sx", 0) == 2e-4
        device_works(scene)

    return check


def lacks_gates(scene: Scene) -> None:
    properties = scene.backend.properties()
    assert properties.t1(0) == pytest.approx(200e-6)
    assert [(gate.gate, gate.qubits) for gate in properties.gates][:4] == [
        ("sx", [qubit]) for qubit in range(1, 5)
    ]
    device_works(scene)


def has_no_gates(scene: Scene) -> None:
    assert scene.backend.properties().gates == []
    device_works(scene)


def one_state_of_a_job_is_unknown(scene: Scene) -> None:
    first, second = scene.provider.backend.jobs()
    assert (first.job_id(), second.job_id()) == ("held", JOB_ID)
    assert (first.status_, second.status_) == ("Held by cats", "Completed")
    assert scene.logged("Job held has the state 'Held by cats'")
    assert len(scene.provider.backend.jobs()) == 2
    assert [each.job_id() for each in scene.provider.backend.jobs(status="DONE")] == [JOB_ID]


def last_state_is_kept(scene: Scene) -> None:
    held = scene.job()
    assert held.status() is JobStatus.RUNNING
    assert held.status() is JobStatus.RUNNING
    assert held.status_ == "Held by dogs"
    assert not held.in_final_state()
    assert held.result().get_counts() == {"00": 1, "11": 1}
    assert (held.status(), held.status_) == (JobStatus.DONE, "Completed")
    assert scene.logged("has the state 'Held by dogs'")


def first_state_is_initializing(scene: Scene) -> None:
    held = scene.job()
    assert (held.status(), held.status_) == (JobStatus.INITIALIZING, "Held by birds")
    with pytest.raises(IBMQJobTimeoutError):
        held.wait_for_final_state(timeout=0)
    assert scene.logged("has the state 'Held by birds'")


def metrics_end_the_job(scene: Scene) -> None:
    ended = scene.job()
    assert ended.result(timeout=60).get_counts() == {"00": 1, "11": 1}
    assert (ended.status(), ended.status_) == (JobStatus.DONE, "Archived")


def ended_without_results(scene: Scene) -> None:
    with pytest.raises(
        IBMQJobApiError, match=r"stores no result.* in the state 'Lapsed'\. Too old"
    ):
        scene.job().result(timeout=60)


def has_no_date(scene: Scene) -> None:
    first, second = scene.provider.backend.jobs()
    assert [first.job_id(), second.job_id()] == ["undated", JOB_ID]
    assert first.status() is JobStatus.DONE
    ids = scene.provider.backend.job_ids()
    assert [each["creationDate"] is None for each in ids] == [True, False]
    assert [row[2] for row in rows(jobs_table(scene.provider)).values()][1] == "-"
    assert commands.jobs(Namespace(limit=5, backend=None, json=False), scene.provider) == 0


def one_entry_is_missing(scene: Scene) -> None:
    assert [each.job_id() for each in scene.provider.backend.jobs()] == [JOB_ID]
    assert scene.logged("1 of 2 entries in the list of jobs cannot be read and are left out; ")


def has_no_tags(scene: Scene) -> None:
    assert [each.tags() for each in scene.provider.backend.jobs()] == [[], ["kept"]]


def is_read_as_ours(scene: Scene) -> None:
    done = scene.job()
    assert (done.status(), done.tags()) == (JobStatus.DONE, [])
    with pytest.raises(IBMQJobApiError, match="when job"):
        done.creation_date()
    assert done.result().get_counts() == {"00": 1, "11": 1}
    assert len(done.circuits()) == 1


def reason_is_shown(scene: Scene) -> None:
    with pytest.raises(IBMQJobFailureError, match=r"The cat is asleep\. Error code: 99999"):
        scene.job().result()


def result_is_complete(scene: Scene) -> None:
    done = scene.job()
    result = done.result()
    assert result.get_counts() == {"00": 1, "11": 1}
    assert (done.status(), done.creation_date().year) == (JobStatus.DONE, 2026)


def has_no_times(scene: Scene) -> None:
    result_is_complete(scene)
    assert not scene.job().result().to_dict().get("time_taken")


def has_no_mode(scene: Scene) -> None:
    result_is_complete(scene)
    assert scene.job()._record.run_mode is None


def job_is_created_once(scene: Scene) -> None:
    done = transpile(bell(), scene.backend, seed_transpiler=1)
    created = scene.backend.run(done)
    assert created.job_id() == JOB_ID
    assert created.backend().name() == DEVICE
    assert created.result().get_counts() == {"00": 1, "11": 1}
    assert len(scene.service.sent("createJob")) == 1
    assert scene.service.sent("listJobs") == []


def limit_counts_the_page(scene: Scene) -> None:
    assert scene.backend.job_limit().active_jobs == 1
    assert len(scene.provider.backend.jobs()) == 1


# -- the table ------------------------------------------------------------------------------------

PROGRAM = """OPENQASM 3.0;
include "stdgates.inc";
bit[2] c;
x $0;
c[0] = measure $0;
c[1] = measure $1;
"""
SUBMITTED = {"pubs": [[PROGRAM, None, 2]]}
USED = {"usage_consumed_seconds": 3, "usage_limit_seconds": 600}
FIVE, USUAL = line_device(), calibration()
LEFT_OUT = "the others; one line in the log says which is left out and why"
AS_USUAL = "nothing unusual"


def configuration(reply: Reply) -> dict[str, Reply]:
    return {"getBackendConfiguration": of(OTHER, reply, FIVE)}


def own_configuration(change: Callable[[Any], object]) -> dict[str, Reply]:
    return {"getBackendConfiguration": changed(FIVE, change)}


def properties(change: Callable[[Any], object]) -> dict[str, Reply]:
    return {"getBackendProperties": changed(USUAL, change)}


def first_entry(**fields: Any) -> dict[str, Reply]:
    """Change T1 of qubit 0."""
    return properties(lambda document: document["qubits"][0][0].update(fields))


def state(reply: Reply) -> dict[str, Reply]:
    usual = {"state": True, "status": "active", "length_queue": 3, "backend_version": "1.0.3"}
    return {"getBackendStatus": of(OTHER, reply, usual)}


TABLE = [
    *(
        Odd(
            f"configuration of one listed device: {status}, code {code}",
            "that device",
            LEFT_OUT,
            configuration(error_reply(status, code)),
            one_device_is_missing,
        )
        for status, code in ((403, 1352), (404, 1009), (500, None), (503, None))
    ),
    Odd(
        "configuration of the device that is asked for: 403, code 1352",
        "that device",
        "an error with device, code and next step",
        configuration(error_reply(403, 1352)),
        its_code_and_next_step_are_named,
    ),
    Odd(
        "configuration of the device that is asked for: 503 without a text",
        "that device",
        "an error with device and next step",
        configuration(httpx.Response(503)),
        its_next_step_is_a_note,
    ),
    *(
        Odd(
            f"configuration of one listed device: {what}",
            "that device",
            LEFT_OUT,
            configuration(reply),
            one_device_is_missing,
        )
        for what, reply in (
            ("a list", [1]),
            ("`n_qubits` null", {**FIVE, "n_qubits": None}),
        )
    ),
    Odd(
        "configuration of every listed device: 503",
        "the list",
        "the error of the first device, not an empty list",
        {"getBackendConfiguration": error_reply(503, None)},
        no_device_is_an_error,
    ),
    Odd(
        "the connection breaks at a configuration",
        "the list",
        "`ApiConnectionError`",
        {"getBackendConfiguration": httpx.ConnectError("refused")},
        a_lost_connection_is_an_error,
    ),
    Odd(
        "entries of the list of devices: null, without a name, the name a number",
        "these entries",
        "the others",
        {"listBackends": {"devices": [None, {"qubits": 5}, {"name": 5}, {"name": DEVICE}, OTHER]}},
        both_devices_are_listed,
    ),
    Odd(
        "state of one of several devices: 503",
        "that device in lists by state and in `least_busy()`",
        LEFT_OUT,
        state(error_reply(503, None)),
        one_state_is_missing,
    ),
    Odd(
        "state of one of several devices: queue length a text",
        "that device in lists by state and in `least_busy()`",
        LEFT_OUT,
        state({"state": True, "status": "active", "length_queue": "many"}),
        one_state_is_missing,
    ),
    Odd(
        "state of every device: 500",
        "the list by state",
        "the error of the first device, not an empty list",
        {"getBackendStatus": error_reply(500, None)},
        no_state_is_an_error,
    ),
    Odd(
        "configuration: gates null",
        "nothing",
        AS_USUAL,
        own_configuration(lambda document: document.update(gates=None)),
        device_works,
    ),
    Odd(
        "configuration: gates that are null, without name or parameters, with new fields and names",
        "these gates",
        AS_USUAL,
        own_configuration(
            lambda document: document["gates"].extend(
                [None, {}, {"name": "brand_new", "new": 1}, {"name": "sx", "new": 1}]
            )
        ),
        device_works,
    ),
    Odd(
        "configuration: `dt`, limits and date are texts",
        "these fields",
        "one line in the log; default limits",
        own_configuration(
            lambda document: document.update(
                dt="fast", max_shots="many", online_date="soon", rep_delay_range="wide"
            )
        ),
        device_has_no_dt,
    ),
    Odd(
        "calibration: a value null",
        "it",
        "one line in the log",
        first_entry(value=None),
        lacks("T1"),
    ),
    Odd(
        "calibration: a value of an unknown unit",
        "it",
        "one line in the log",
        first_entry(unit="dB"),
        lacks("T1"),
    ),
    Odd(
        "calibration: a qubit without `readout_error`",
        "it",
        "`readout_error()` of that qubit raises, as for any missing value",
        properties(lambda document: document["qubits"][0].pop()),
        lacks("readout_error"),
    ),
    Odd(
        "calibration: a qubit null",
        "its values",
        AS_USUAL,
        properties(lambda document: document["qubits"].__setitem__(0, None)),
        lacks("T1", "T2", "readout_error"),
    ),
    Odd(
        "calibration: a value without date and unit, with new fields",
        "nothing",
        "the date of the calibration",
        first_entry(date=None, unit=None, new=1),
        lacks(),
    ),
    Odd(
        "calibration: no date of its own",
        "nothing",
        "the date of its newest value",
        properties(lambda document: document.pop("last_update_date")),
        lacks(),
    ),
    Odd(
        "calibration: gates null",
        "the gates",
        AS_USUAL,
        properties(lambda document: document.update(gates=None)),
        has_no_gates,
    ),
    Odd(
        "calibration: gates null, without qubits or without a name",
        "these gates",
        "one line in the log",
        properties(
            lambda document: document.update(
                gates=[None, {"gate": "sx"}, {"qubits": [0]}, *document["gates"][1:]]
            )
        ),
        lacks_gates,
    ),
    Odd(
        "calibration: a gate without parameters, and one with a new name",
        "nothing",
        "the new one under `other_gates`",
        properties(
            lambda document: document["gates"].extend(
                [{"gate": "x", "qubits": [0]}, {"gate": "brand_new", "qubits": [0]}]
            )
        ),
        lacks(),
    ),
    Odd(
        "one job of the list in an unknown state",
        "its state",
        "INITIALIZING; one line in the log, and `job.status_`, name the word",
        {"listJobs": listed(job(id="held", status="Held by cats"), job())},
        one_state_of_a_job_is_unknown,
    ),
    Odd(
        "a job in an unknown state, whose metrics cannot be read",
        "its state",
        "INITIALIZING; one line in the log, and `job.status_`, name the word",
        {"getJob": in_state("Held by birds"), "getJobMetrics": error_reply(500, None)},
        first_state_is_initializing,
    ),
    Odd(
        "a running job in an unknown state, later completed",
        "nothing",
        "RUNNING until then; one line in the log, and `job.status_`, name the word",
        {
            "getJob": [
                Turn(in_state("Running")),
                *[Turn(in_state("Held by dogs"))] * 4,
                Turn(job()),
            ],
            "getJobMetrics": [
                *[Turn(metrics(timestamps={"finished": None}))] * 5,
                Turn(metrics()),
            ],
        },
        last_state_is_kept,
    ),
    Odd(
        "a job in an unknown state that its metrics say has ended",
        "nothing",
        "DONE; `result()` reads the result",
        {"getJob": in_state("Archived")},
        metrics_end_the_job,
    ),
    Odd(
        "the same without results",
        "the result",
        "an error with the word and the reason",
        {
            "getJob": in_state("Lapsed", reason="Too old"),
            "getJobResults": httpx.Response(204),
        },
        ended_without_results,
    ),
    Odd(
        "a job of the list without creation date",
        "its date",
        "the job, in its place",
        {"listJobs": listed(job(id="undated", created=None), job())},
        has_no_date,
    ),
    *(
        Odd(
            f"an entry of the list of jobs: {what}",
            "it",
            "the other jobs; one line in the log",
            {"listJobs": listed(entry, job())},
            one_entry_is_missing,
        )
        for what, entry in (
            ("null", None),
            ("without an id", job(id=None)),
            ("the state a number", job(state=5)),
        )
    ),
    Odd(
        "tags of jobs null, or with a null",
        "these tags",
        AS_USUAL,
        {"listJobs": listed({**job(), "id": "a", "tags": None}, job(tags=["kept", None]))},
        has_no_tags,
    ),
    Odd(
        "list of jobs without a count",
        "the exact number of unfinished jobs",
        AS_USUAL,
        {"listJobs": {"jobs": [job()], "count": None}},
        limit_counts_the_page,
    ),
    Odd(
        "job without program, date, backend and tags",
        "these fields",
        "a job of this client, without a date",
        {"getJob": job(program=None, created=None, backend=None, tags=None, params=SUBMITTED)},
        is_read_as_ours,
    ),
    Odd(
        "failed job with an unknown reason code",
        "nothing",
        "the text and code of the service",
        {"getJob": in_state("Failed", reason="The cat is asleep.", reason_code="99999")},
        reason_is_shown,
    ),
    *(
        Odd(f"metrics: {what}", "times and usage", AS_USUAL, {"getJobMetrics": reply}, has_no_times)
        for what, reply in (
            ("500", error_reply(500, None)),
            ("a list", [1]),
            ("times and usage null", metrics(timestamps=None, usage=None)),
            ("times and usage texts", metrics(timestamps={"finished": "soon"}, usage="little")),
        )
    ),
    *(
        Odd(
            f"session of a job: {what}",
            "its mode",
            AS_USUAL,
            {"getJob": job(session_id="s"), "getSession": reply},
            has_no_mode,
        )
        for what, reply in (
            ("404", error_reply(404, None)),
            ("503", error_reply(503, None)),
            ("a list", [1]),
        )
    ),
    *(
        Odd(
            f"usage of the instance before a job: {what}",
            "the warning about it",
            AS_USUAL,
            {"getUsage": reply},
            runs_without_usage,
        )
        for what, reply in (
            ("403", error_reply(403, None)),
            ("503", error_reply(503, None)),
            ("all fields null", dict.fromkeys(["usage_consumed_seconds", "usage_limit_seconds"])),
        )
    ),
    *(
        Odd(
            f"usage of the instance: period {what}",
            "the dates",
            AS_USUAL,
            {"getUsage": {**USED, "usage_period": period}},
            has_no_period,
        )
        for what, period in (
            ("a text", "4 weeks"),
            ("null", None),
            ("without dates", {"start_time": "soon", "end_time": 5}),
        )
    ),
    Odd(
        "results: data that are not a register, and damaged metadata",
        "these data",
        "the counts; the metadata as they came",
        {
            "getJob": job(params=SUBMITTED),
            "getJobResults": changed(
                plain_results({"c": ["0x0", "0x3"]}),
                lambda document: (
                    document["results"][0]["data"].update(new={"values": [1]}),
                    document.update(metadata={"__type__": "ExecutionSpans", "__value__": {}}),
                ),
            ),
        },
        result_is_complete,
    ),
    Odd(
        "results: metadata of an unknown type, null and a list",
        "nothing",
        "the metadata as it came",
        {
            "getJobResults": changed(
                plain_results({"c": ["0x0", "0x3"]}),
                lambda document: (
                    document.update(
                        metadata={"new": {"__type__": "Cat", "__value__": "x"}, "n": None}
                    ),
                    document["results"][0].update(metadata=[1, None]),
                ),
            )
        },
        result_is_complete,
    ),
    *(
        Odd(
            f"job, metrics and results with status {status}",
            "nothing",
            AS_USUAL,
            {
                "getJob": httpx.Response(status, json=job()),
                "getJobMetrics": httpx.Response(status, json=metrics()),
                "getJobResults": httpx.Response(status, json=plain_results({"c": ["0x0", "0x3"]})),
            },
            result_is_complete,
        )
        for status in (201, 202)
    ),
    *(
        Odd(
            f"created job: {what}",
            "nothing",
            "one job, found without a search",
            {"createJob": reply},
            job_is_created_once,
        )
        for what, reply in (
            ("201", httpx.Response(201, json={"id": JOB_ID, "backend": DEVICE})),
            ("202", httpx.Response(202, json={"id": JOB_ID, "backend": DEVICE})),
            ("without `backend`", {"id": JOB_ID}),
            ("with new fields, `backend` null", {"new": [1], "backend": None, "id": JOB_ID}),
        )
    ),
    Odd(
        "documents with new fields and in another order",
        "nothing",
        AS_USUAL,
        {
            "getBackendConfiguration": reordered(FIVE),
            "getBackendProperties": reordered(USUAL),
            "getJob": reordered(job()),
            "getJobMetrics": reordered(metrics()),
            "createJob": reordered({"id": JOB_ID, "backend": DEVICE}),
        },
        device_works,
    ),
]


@pytest.fixture
def scene(caplog: pytest.LogCaptureFixture) -> Callable[[Mapping[str, Reply]], Scene]:
    def make(replies: Mapping[str, Reply]) -> Scene:
        service = Service()
        client = service.open(sleep=lambda seconds: None)
        service.replies.update(replies)
        provider = AccountProvider(Credentials(API_KEY, BASE, instance=CRN), client)
        return Scene(service, provider, caplog)

    return make


@pytest.mark.parametrize("odd", TABLE, ids=lambda odd: odd.reply)
def test_an_odd_reply_costs_no_more_than_it_must(odd, scene):
    odd.check(scene({name: copy.copy(reply) for name, reply in odd.replies.items()}))
