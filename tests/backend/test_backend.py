"""The documented methods of IBMQBackend, tested with the real local service."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from qiskit import assemble
from qiskit.providers.jobstatus import JobStatus
from qiskit.providers.models import (
    BackendProperties,
    BackendStatus,
    PulseDefaults,
    QasmBackendConfiguration,
)

from ibmq_backend import IBMQBackend, IBMQSimulator, least_busy
from ibmq_backend.backend.job_limit import BackendJobLimit
from ibmq_backend.emulator.core.records import Instance
from ibmq_backend.exceptions import (
    ApiNotFound,
    IBMQBackendApiError,
    IBMQBackendError,
    IBMQBackendJobLimitError,
    IBMQBackendValueError,
    find_api_error,
)


def test_identity(backend, provider):
    assert type(backend) is IBMQBackend
    assert backend.name() == "ibmq_vigo" == str(backend)
    assert backend.provider() is provider
    assert (backend.hub, backend.group, backend.project) == ("ibm-q", "open", "main")
    assert backend.version == 1
    assert backend.version() == backend.configuration().backend_version == "1.3.6"
    assert repr(backend).startswith(
        "<IBMQBackend('ibmq_vigo') from IBMQ(hub='ibm-q', group='open', project='main')"
    )
    assert "emulated locally" in repr(backend)
    assert provider.get_backend("ibmq_vigo") is backend


def test_configuration_is_the_devices_own(backend):
    configuration = backend.configuration()
    assert isinstance(configuration, QasmBackendConfiguration)
    assert configuration.n_qubits == 5
    assert configuration.max_shots == 8192
    assert configuration.max_experiments == 75
    assert sorted(configuration.coupling_map)[0] == [0, 1]
    assert configuration.online_date == datetime(2019, 7, 3, 4, 0, tzinfo=UTC)


def test_properties_are_cached_refreshed_and_dated(backend):
    properties = backend.properties()
    assert isinstance(properties, BackendProperties)
    assert properties.backend_name == "ibmq_vigo"
    assert backend.properties() is properties
    assert backend.properties(refresh=True) is not properties
    assert 0 < properties.gate_error("cx", [0, 1]) < 0.05
    assert 1e-6 < properties.t1(0) < 1e-3
    snapshot = properties.last_update_date
    assert snapshot.date().isoformat() == "2021-01-20"
    assert snapshot.utcoffset() == snapshot.astimezone().utcoffset()
    later = backend.properties(datetime=snapshot + timedelta(days=1))
    assert later.last_update_date == snapshot
    earlier = backend.properties(datetime=snapshot - timedelta(days=1))
    assert earlier.last_update_date.date().isoformat() == "2020-08-10"
    assert backend.properties(datetime=datetime(2019, 10, 1)) is None


def test_properties_arguments(backend):
    with pytest.raises(TypeError, match="refresh must be True or False"):
        backend.properties(datetime.now())
    with pytest.raises(TypeError, match="is not a datetime"):
        backend.properties(datetime="2021-01-01")


def test_status(backend):
    status = backend.status()
    assert isinstance(status, BackendStatus)
    assert (status.operational, status.status_msg, status.pending_jobs) == (True, "active", 0)
    assert status.backend_version == "1.3.6"


def test_defaults(backend, provider):
    assert backend.defaults() is None
    armonk = provider.get_backend("ibmq_armonk")
    defaults = armonk.defaults()
    assert isinstance(defaults, PulseDefaults)
    assert defaults.qubit_freq_est[0] == pytest.approx(4.97e9, rel=1e-2)
    assert armonk.defaults() is defaults
    assert armonk.defaults(refresh=True) is not defaults


def test_job_limit_counts_unfinished_jobs(backend, device_bell, held):
    limit = backend.job_limit()
    assert isinstance(limit, BackendJobLimit)
    assert limit.maximum_jobs >= 5
    before = backend.remaining_jobs_count()
    with held("ibmq_vigo"):
        job = backend.run(device_bell, shots=10)
        assert backend.remaining_jobs_count() == before - 1
        assert [each.job_id() for each in backend.active_jobs()] == [job.job_id()]
        assert backend.status().pending_jobs == 1
        assert job.cancel()
    assert backend.remaining_jobs_count() == before
    assert backend.active_jobs() == []


def test_simulator_has_no_limit_and_no_calibration(simulator):
    assert type(simulator) is IBMQSimulator
    assert simulator.remaining_jobs_count() is None
    assert simulator.job_limit().maximum_jobs is None
    assert simulator.properties() is None


@pytest.mark.parametrize("zone", [None, UTC, *(timezone(timedelta(hours=h)) for h in (-12, 14))])
def test_first_and_last_date_mean_no_bound(backend, provider, zone, device_bell):
    ever, never = (each.replace(tzinfo=zone) for each in (datetime.min, datetime.max))
    job_id = backend.run(device_bell, job_tags=["ever"]).job_id()

    def found(**window):
        return [job.job_id() for job in backend.jobs(job_tags=["ever"], **window)]

    assert found(start_datetime=ever, end_datetime=never)[0] == job_id
    assert found(start_datetime=ever) == found(end_datetime=never) == found()
    assert found(start_datetime=never) == found(end_datetime=ever) == []
    assert provider.backend.job_ids(start_datetime=ever)[0]["id"] == job_id
    assert backend.properties(datetime=never).backend_name == "ibmq_vigo"
    assert backend.properties(datetime=ever) is None
    assert backend.reservations(ever, never) == backend.reservations(never) == []
    assert least_busy([backend], reservation_lookahead=10**15) is backend


def test_reservations(backend, service_state, provider):
    assert backend.reservations() == []
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    user = provider.backend.my_reservations()
    assert user == []
    slot = service_state.reservations.add(
        "someone", Instance("h", "g", "p"), "ibmq_vigo", start, start + timedelta(minutes=30)
    )
    found = backend.reservations()
    assert [each.duration for each in found] == [30]
    assert found[0].start_datetime == start
    assert found[0].hub is None
    assert backend.reservations(start + timedelta(minutes=10)) == found
    assert backend.reservations(start + timedelta(hours=1)) == []
    assert backend.reservations(end_datetime=start - timedelta(hours=1)) == []
    with pytest.raises(TypeError, match="is not a datetime"):
        backend.reservations("tomorrow")
    service_state.reservations.remove(slot.id)


def test_run_takes_circuits_lists_and_qobj(backend, bell, device_bell):
    one = backend.run(device_bell, shots=100)
    several = backend.run([device_bell, device_bell.copy("again")], shots=50, memory=True)
    assembled = backend.run(assemble(device_bell, backend=backend, shots=70))
    keyword = backend.run(qobj=assemble(device_bell, backend=backend, shots=70))
    assert sum(one.result().get_counts().values()) == 100
    result = several.result()
    assert [sum(counts.values()) for counts in result.get_counts()] == [50, 50]
    assert len(result.get_memory("again")) == 50
    assert sum(assembled.result().get_counts("bell").values()) == 70
    assert keyword.result().results[0].shots == 70


def test_run_labels_options_and_header(backend, device_bell):
    job = backend.run(
        device_bell,
        job_name="mine",
        job_tags=["a", "b"],
        experiment_id="e1",
        header={"note": "kept"},
        shots=20,
    )
    assert (job.name(), job.tags(), job.experiment_id) == ("mine", ["a", "b"], "e1")
    result = job.result()
    assert result.header.note == "kept"
    assert result.header.backend_name == "ibmq_vigo"
    assert result.results[0].header.metadata == {"why": "test"}
    assert job.header()["note"] == "kept"
    assert job.backend_options()["shots"] == 20


def test_default_shots_and_set_options(backend, device_bell):
    assert backend.run(device_bell).result().results[0].shots == 4000
    backend.set_options(shots=12)
    try:
        assert backend.run(device_bell).result().results[0].shots == 12
        assert backend.run(device_bell, shots=13).result().results[0].shots == 13
    finally:
        backend.set_options(shots=4000)


def test_run_does_not_change_the_callers_circuit(backend, device_bell):
    before = device_bell.copy()
    before.id(0)
    given = before.copy()
    backend.run(given, shots=10).result()
    assert given == before


def test_jobs_filters(backend, simulator, device_bell):
    mark = device_bell.copy("marked")
    jobs = [
        backend.run(mark, shots=5, job_name=f"filter {index}", job_tags=["filter", f"t{index}"])
        for index in range(4)
    ]
    for job in jobs:
        job.wait_for_final_state()
    ids = [job.job_id() for job in jobs]

    def found(**arguments):
        return [job.job_id() for job in backend.jobs(**arguments)]

    assert found(job_tags=["filter"]) == ids[::-1]
    assert found(job_tags=["filter"], descending=False) == ids
    assert found(job_tags=["filter"], limit=2, skip=1) == ids[2:0:-1]
    assert found(job_tags=["filter", "t2"], job_tags_operator="AND") == [ids[2]]
    assert found(job_tags=["t0", "t3"]) == [ids[3], ids[0]]
    assert found(job_name="filter [12]") == [ids[2], ids[1]]
    assert found(job_tags=["filter"], status="ERROR") == []
    assert (
        found(job_tags=["filter"], status=[JobStatus.DONE, JobStatus.ERROR], limit=None)
        == ids[::-1]
    )
    moment = jobs[1].creation_date()
    assert found(job_tags=["filter"], start_datetime=moment) == ids[:0:-1]
    assert found(job_tags=["filter"], end_datetime=moment) == [ids[1], ids[0]]
    assert found(db_filter={"summaryData.summary.qobj_config.shots": 5}, limit=4) == ids[::-1]
    assert simulator.jobs(job_tags=["filter"]) == []


def test_job_limit_reached(backend, classic_state, device_bell, held, monkeypatch):
    monkeypatch.setattr(classic_state, "job_limit", lambda account, device: 1)
    with held("ibmq_vigo"):
        job = backend.run(device_bell, shots=5)
        with pytest.raises(IBMQBackendJobLimitError, match="active_jobs"):
            backend.run(device_bell, shots=5)
        job.cancel()


def test_retrieve_job(backend, simulator, device_bell):
    job = backend.run(device_bell, shots=10, job_name="kept")
    again = backend.retrieve_job(job.job_id())
    assert again.job_id() == job.job_id()
    assert again.name() == "kept"
    assert again.result().get_counts() == job.result().get_counts()
    with pytest.raises(IBMQBackendError, match="does not belong to ibmq_qasm_simulator"):
        simulator.retrieve_job(job.job_id())
    with pytest.raises(IBMQBackendApiError, match="3250") as caught:
        backend.retrieve_job("0" * 24)
    assert isinstance(find_api_error(caught.value), ApiNotFound)
    for wrong in (None, 5, ""):
        with pytest.raises(TypeError, match="job_id must be text"):
            backend.retrieve_job(wrong)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"job_tags": "a"}, "job_tags must be a list of text"),
        ({"job_tags": [1]}, "1 is not text"),
        ({"job_share_level": "world"}, "'world' is not a share level"),
        ({"job_name": 5}, "job_name must be text"),
        ({"shots": 0}, "0 shots.*1 to 8192"),
        ({"shots": 8193}, "8193 shots.*1 to 8192"),
        ({"shots": "many"}, "shots must be a whole number"),
        ({"use_measure_esp": True}, "does not support use_measure_esp"),
        ({"dynamic": True}, "dynamic=True is not supported"),
        ({"qobj": object()}, "either circuits or qobj"),
    ],
)
def test_wrong_run_arguments_are_refused_before_sending(backend, device_bell, arguments, text):
    before = len(backend.jobs(limit=None))
    with pytest.raises(IBMQBackendValueError, match=text):
        backend.run(device_bell, **arguments)
    assert len(backend.jobs(limit=None)) == before
