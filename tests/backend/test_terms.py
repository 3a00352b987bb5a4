"""Options of run() that only today's service has, and options that it does not have."""

from __future__ import annotations

import json

import httpx
import numpy as np
import pytest
from qiskit import QuantumCircuit, assemble

from ibmq_backend import IBMQ, IBMQJobManager
from ibmq_backend.backend.run_options import KNOWN_RUN_OPTIONS
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import Settings
from ibmq_backend.exceptions import (
    IBMQBackendValueError,
    IBMQJobApiError,
    IBMQJobFailureError,
    IBMQJobManagerInvalidStateError,
)

DEVICE = "ibm_sherbrooke"

VALUES = {
    "max_execution_time": 300,
    "private": True,
    "session_id": "session-1",
    "dynamical_decoupling": True,
    "twirling": {"enable_gates": True},
}
UNKNOWN = {
    "foo": 1,
    "noise_model": {"errors": []},
    "method": "statevector",
    "noise": "none",
    "scheduling_method": "alap",
}
HARMLESS = {
    "max_credits": 3,
    "memory_slots": 1,
    "memory_slot_size": 100,
    "init_qubits": True,
    "meas_map": [[0]],
    "parametric_pulses": ["gaussian"],
    "qobj_id": "old",
    "qobj_header": {"mine": 1},
    "rep_delay": 1e-4,
    "seed_simulator": 7,
    "live_data_enabled": False,
    "foo": None,
}


def flip(name="flip"):
    circuit = QuantumCircuit(1, 1, name=name, metadata={"who": "me"})
    circuit.x(0)
    circuit.measure(0, 0)
    return circuit


@pytest.fixture(scope="module")
def service(engine):
    with LocalService(settings=Settings(seed=11), engine=engine) as running:
        yield running


@pytest.fixture
def today(service):
    """A device of today's service."""
    provider = IBMQ.enable_account(service.api_key, service.platform_url, instance=service.crn)
    return provider.get_backend(DEVICE)


@pytest.fixture
def bodies(monkeypatch):
    """The bodies of the requests that create jobs."""
    sent = []
    send = httpx.HTTPTransport.handle_request

    def noting(transport, request):
        if request.method == "POST" and request.url.path.endswith("/v1/jobs"):
            sent.append(json.loads(request.content))
        return send(transport, request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", noting)
    return sent


# -- options of today's service --------------------------------------------------------------------


def test_terms_are_sent_outside_the_qobj(today, bodies):
    given = {
        "max_execution_time": np.int64(30),
        "private": np.True_,
        "dynamical_decoupling": {"sequence_type": "XY4", "skip_reset_qubits": True},
        "twirling": {"enable_measure": True, "num_randomizations": 4, "strategy": None},
    }
    job = today.run(flip(), shots=8, **given)
    (body,) = bodies
    assert body["cost"] == 30
    assert body["private"] is True
    assert body["params"]["options"] == {
        "execution": {"init_qubits": True, "rep_delay": 0.00025},
        "dynamical_decoupling": {"enable": True, "sequence_type": "XY4", "skip_reset_qubits": True},
        "twirling": {"enable_measure": True, "num_randomizations": 4},
    }
    assert job.cost_ == 30
    assert not given.keys() & job.backend_options().keys()


def test_nothing_is_sent_that_is_not_requested(today, bodies):
    today.run(flip(), **dict.fromkeys(VALUES))
    today.run(flip(), private=False, dynamical_decoupling={}, twirling=np.False_)
    for body in bodies:
        assert set(body) == {"program_id", "backend", "params", "tags"}
        assert body["params"]["options"].keys() == {"execution"}


def test_true_switches_everything_on(today, bodies):
    today.run(flip(), dynamical_decoupling=True, twirling=True)
    options = bodies[0]["params"]["options"]
    assert options["dynamical_decoupling"] == {"enable": True}
    assert options["twirling"] == {"enable_gates": True, "enable_measure": True}


def test_a_job_that_runs_longer_than_it_may_ends(today):
    job = today.run(flip(), shots=20_000, max_execution_time=1)
    with pytest.raises(IBMQJobFailureError, match="ran longer than allowed"):
        job.result()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("max_execution_time", 0, "from 1 to 10800, not 0"),
        ("max_execution_time", 10_801, "from 1 to 10800"),
        ("max_execution_time", 60.0, "whole number of seconds"),
        ("max_execution_time", True, "not True"),
        ("private", 1, "private must be True or False, not 1"),
        ("session_id", "", "id of a session"),
        ("session_id", 3, "backend.open_session"),
        ("dynamical_decoupling", "XY4", "True, False or a dictionary of enable, sequence_type"),
        ("dynamical_decoupling", {"sequence_typ": "XX"}, "Did you mean 'sequence_type'"),
        ("dynamical_decoupling", {"foo": 1}, "no option 'foo'. Use: enable, sequence_type"),
        ("dynamical_decoupling", {"sequence_type": "XY8"}, "'XX' or 'XpXm' or 'XY4', not 'XY8'"),
        ("dynamical_decoupling", {"enable": 1}, "True or False, not 1"),
        ("twirling", {"num_randomizations": 0}, "at least 1 or 'auto', not 0"),
        ("twirling", {"shots_per_randomization": "many"}, "or 'auto', not 'many'"),
        ("twirling", {"strategy": "none"}, "'active-accum' or 'all', not 'none'"),
    ],
)
def test_a_value_that_is_not_valid_is_named(today, bodies, name, value, message):
    with pytest.raises(IBMQBackendValueError, match=message):
        today.run(flip(), **{name: value})
    with pytest.raises(IBMQJobManagerInvalidStateError, match=message):
        IBMQJobManager().run([flip()], today, **{name: value})
    assert bodies == []


@pytest.mark.integration
@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("which", ["backend", "simulator"])
def test_elsewhere_they_are_refused_by_name(request, which, name, bell):
    here = request.getfixturevalue(which)
    before = [job.job_id() for job in here.jobs()]
    with pytest.raises(IBMQBackendValueError, match=rf"{name!r}, .*Call run\(\) without {name}\."):
        here.run(bell, **{name: VALUES[name]})
    with pytest.raises(IBMQJobManagerInvalidStateError, match=repr(name)):
        IBMQJobManager().run([bell], here, **{name: VALUES[name]})
    assert [job.job_id() for job in here.jobs()] == before


def test_elsewhere_no_request_is_no_error(backend, device_bell):
    job = backend.run(device_bell, **dict.fromkeys(VALUES), shots=5)
    assert job.backend_options().keys().isdisjoint(VALUES)
    backend.run(device_bell, private=False, twirling=False, allow_unknown_options=True)


def test_decoupling_of_a_circuit_with_conditions_is_refused(today, bodies):
    circuit = flip("conditioned")
    circuit.x(0).c_if(circuit.cregs[0], 1)
    with pytest.raises(IBMQBackendValueError, match=r"Circuit 1 \('conditioned'\) has conditions"):
        today.run([flip(), circuit], dynamical_decoupling=True)
    assert bodies == []


def test_a_job_manager_and_run_circuits_pass_them_on(today, bodies):
    jobs = IBMQJobManager().run(
        [flip()] * 2, today, max_experiments_per_job=1, **VALUES | {"session_id": None}
    )
    assert len(jobs.jobs()) == 2
    today.provider().run_circuits(flip(), today, **VALUES | {"session_id": None})
    assert len(bodies) == 3
    for body in bodies:
        assert (body["cost"], body["private"]) == (300, True)
        assert body["params"]["options"]["twirling"] == {"enable_gates": True}


# -- private jobs ----------------------------------------------------------------------------------


def test_a_private_job_keeps_names_and_metadata_here(service, today, bodies):
    job = today.run(flip("secret"), shots=20, memory=True, header={"mine": 1}, private=True)
    (body,) = bodies
    for text in ("secret", "who", "mine", "ibmq_backend"):
        assert text not in body["params"]["pubs"][0][0]
    result = job.result()
    assert len(result.get_memory("secret")) == 20
    assert result.header.mine == 1
    assert result.results[0].header.metadata == {"who": "me"}
    assert job.circuits()[0].name == "secret"
    with pytest.raises(IBMQJobApiError, match="read only once"):
        job.result(refresh=True)
    assert job.result() is result


@pytest.mark.integration
def test_names_of_private_jobs_are_kept_until_they_are_needed(monkeypatch, request):
    monkeypatch.setattr("ibmq_backend.api.platform.jobs.REMEMBERED_JOBS", 1)
    today = request.getfixturevalue("today")
    jobs = [today.run(flip(f"secret-{number}"), shots=5, private=True) for number in range(3)]
    for number, job in enumerate(jobs):
        assert job.result().results[0].header.name == f"secret-{number}"
    assert today._api_client._private_jobs == {}


def test_the_result_of_a_private_job_can_be_read_by_another_process(service, today):
    job = today.run(flip(), shots=20, private=True)
    IBMQ.disable_account()
    provider = IBMQ.enable_account(service.api_key, service.platform_url, instance=service.crn)
    again = provider.backend.retrieve_job(job.job_id())
    assert sum(again.result().get_counts().values()) == 20
    with pytest.raises(IBMQJobApiError, match="never does for private jobs"):
        again.circuits()


def test_only_its_job_manager_has_the_set_of_private_jobs(today):
    manager = IBMQJobManager()
    circuits = [flip(name) for name in "abc"]
    made = manager.run(circuits, today, max_experiments_per_job=2, shots=20, private=True)
    assert sum(made.results().get_counts("c").values()) == 20
    set_id, provider = made.job_set_id(), today.provider()
    assert manager.retrieve_job_set(set_id, provider) is made
    with pytest.raises(IBMQJobManagerInvalidStateError, match=r"is private.*retrieve_job\('"):
        IBMQJobManager().retrieve_job_set(set_id, provider)


# -- options that nobody knows ---------------------------------------------------------------------


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_option_is_refused_or_left_out(today, bodies, name):
    given = {name: UNKNOWN[name]}
    message = rf"{DEVICE} has no option {name!r}.*allow_unknown_options=True"
    for circuits in (flip(), assemble(flip(), today)):
        with pytest.raises(IBMQBackendValueError, match=message):
            today.run(circuits, **given)
    with pytest.raises(IBMQJobManagerInvalidStateError, match=message):
        IBMQJobManager().run([flip()], today, **given)
    with pytest.raises(IBMQBackendValueError, match=message):
        today.provider().run_circuits(flip(), today, **given)
    assert bodies == []
    allowed = {**given, "allow_unknown_options": True}
    with pytest.warns(UserWarning, match=f"{name!r} is left out"):
        today.run(flip(), **allowed)
    today.run(assemble(flip(), today), **allowed)
    IBMQJobManager().run([flip()], today, **allowed).jobs()
    today.provider().run_circuits(flip(), today, **allowed)
    assert len(bodies) == 4
    assert name not in json.dumps(bodies)


@pytest.mark.parametrize("where", ["config", "experiments"])
def test_an_unknown_entry_of_a_qobj_is_refused_or_left_out(today, bodies, where):
    qobj = assemble(flip(), today, shots=7)
    owner = qobj if where == "config" else qobj.experiments[0]
    owner.config.wiggle = 3
    with pytest.raises(IBMQBackendValueError, match="no option 'wiggle'"):
        today.run(qobj)
    assert bodies == []
    with pytest.warns(UserWarning, match="'wiggle' is left out"):
        job = today.run(qobj, allow_unknown_options=True)
    assert "wiggle" not in json.dumps(bodies)
    assert "wiggle" not in str(job.qobj())
    assert owner.config.wiggle == 3
    assert bodies[0]["params"]["pubs"][0][2] == 7


def test_a_misspelled_option_can_be_left_out_too(today, bodies):
    with pytest.warns(UserWarning, match="'shot' is left out"):
        today.run(flip(), shot=5, shots=6, allow_unknown_options=True)
    with pytest.warns(UserWarning, match="'max_shots' is left out"):
        today.provider().run_circuits(flip(), today, max_shots=5, allow_unknown_options=True)
    assert bodies[0]["params"]["pubs"][0][2] == 6


@pytest.mark.parametrize(
    ("name", "value"), [("rep_time", 1e-3), ("live_data_enabled", True), ("seed_simulator", 0)]
)
def test_what_has_no_effect_is_accepted_with_a_warning(today, bodies, name, value):
    with pytest.warns(UserWarning, match=f"'{name}' has no effect on"):
        today.run(flip(), shots=8, **{name: value})
    assert len(bodies) == 1


@pytest.mark.filterwarnings("ignore:'seed_simulator' has no effect:UserWarning")
def test_what_old_programs_pass_is_accepted(today, bodies):
    job = today.run(flip(), shots=8, **HARMLESS)
    assert sum(job.result().get_counts().values()) == 8
    today.run(assemble(flip(), today, **{k: v for k, v in HARMLESS.items() if v is not None}))
    assert len(bodies) == 2


def test_a_seed_without_effect_is_mentioned_once(today, recwarn):
    for _ in range(2):
        today.run(flip(), seed_simulator=7)
    assert [str(each.message) for each in recwarn.list] == [
        f"'seed_simulator' has no effect on {DEVICE}."
    ]


def test_every_known_option_is_here():
    pulses = {"meas_lo_range", "qubit_lo_range", "qubit_lo_freq", "meas_lo_freq", "schedule_los"}
    plain = {
        "n_qubits",
        "shots",
        "memory",
        "parameter_binds",
        "meas_level",
        "meas_return",
        "use_measure_esp",
        "rep_time",
    }
    assert {*UNKNOWN, *HARMLESS, *pulses, *plain} >= KNOWN_RUN_OPTIONS


def test_elsewhere_unknown_options_are_sent_with_a_notice(backend, device_bell):
    with pytest.warns(UserWarning, match="'wiggle' is not a known run option"):
        job = backend.run(device_bell, wiggle=3, allow_unknown_options=True)
    assert job.backend_options()["wiggle"] == 3
    assert "allow_unknown_options" not in job.backend_options()
