"""Every documented keyword, misspelled in several ways, is named in the error."""

import inspect

import pytest
from qiskit import QuantumCircuit, assemble
from qiskit.qobj import QasmQobjConfig

from ibmq_backend import IBMQ, IBMQJobManager, job_monitor, least_busy
from ibmq_backend.account.factory import IBMQFactory
from ibmq_backend.account.provider import AccountProvider
from ibmq_backend.backend.run_options import (
    DEVICE_OPTIONS,
    SIMULATOR_OPTIONS,
    refuse_misspelled_options,
)
from ibmq_backend.backend.service import IBMQBackendService
from ibmq_backend.backend.variants import IBMQBackend, IBMQSimulator
from ibmq_backend.exceptions import IBMQBackendValueError, IBMQJobManagerInvalidStateError
from ibmq_backend.job.job import IBMQJob
from ibmq_backend.managed import ManagedJobSet, ManagedResults

CLASSES = [
    IBMQFactory,
    AccountProvider,
    IBMQBackendService,
    IBMQBackend,
    IBMQJob,
    IBMQJobManager,
    ManagedJobSet,
    ManagedResults,
]
AMBIGUOUS = "seped"  # nearer to seed than to speed
KEYWORD = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def misspellings(name):
    middle = len(name) // 2
    yield name[:middle] + name[middle + 1 :]  # a letter is missing
    yield name[:middle] + name[middle] + name[middle:]  # a letter is repeated
    yield name.upper()
    if len(name) > 4:
        yield name[:-1]
        yield name + "s"
        yield name[:1] + name[2] + name[1] + name[3:]  # two letters are exchanged
        yield name.replace("_", "") if "_" in name else f"{name}_"


def functions():
    """Yield the documented functions that take certain keywords only, with their names."""
    yield least_busy, ["backends", "reservation_lookahead"]
    yield job_monitor, ["job", "interval", "output"]
    for documented in CLASSES:
        for name, member in inspect.getmembers(documented, inspect.isfunction):
            if name.startswith("_") or not member.__module__.startswith("ibmq_backend"):
                continue
            parameters = inspect.signature(member).parameters.values()
            if any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters):
                continue
            names = [each.name for each in parameters if each.kind in KEYWORD]
            yield member, [each for each in names if each != "self"]


CALLS = [
    pytest.param(function, name, id=f"{function.__qualname__}-{name}")
    for function, names in functions()
    for name in names
]


@pytest.mark.parametrize(("function", "name"), CALLS)
def test_an_argument_of_a_method(function, name):
    known = [each for each in inspect.signature(function).parameters if each != "self"]
    for wrong in set(misspellings(name)) - {*known, AMBIGUOUS}:
        with pytest.raises(TypeError) as raised:
            function(**{wrong: None})
        assert str(raised.value).endswith(f"keyword argument {wrong!r}. Did you mean {name}?")


def test_the_table_has_the_documented_methods():
    found = {each.id for each in CALLS}
    assert len(found) > 80
    assert found >= {
        "IBMQBackend.jobs-limit",
        "IBMQBackend.properties-datetime",
        "IBMQBackend.retrieve_job-job_id",
        "IBMQBackendService.jobs-backend_name",
        "IBMQFactory.enable_local-seed",
        "IBMQFactory.get_provider-hub",
        "IBMQJob.result-timeout",
        "IBMQJob.wait_for_final_state-callback",
        "IBMQJobManager.retrieve_job_set-refresh",
        "ManagedJobSet.results-partial",
        "job_monitor-interval",
        "least_busy-reservation_lookahead",
    }


def test_a_keyword_like_no_other_is_refused_with_the_nearest():
    with pytest.raises(TypeError) as raised:
        IBMQBackend.jobs(None, zzz=1)
    assert str(raised.value).count(",") == 4
    with pytest.raises(TypeError, match="takes no arguments"):
        IBMQBackend.status(None, zzz=1)


# -- methods that take further keywords ------------------------------------------------------------

RUN_OPTIONS = sorted({*inspect.signature(IBMQBackend.run).parameters} - {"self", "run_config"})


@pytest.mark.integration
@pytest.mark.parametrize("which", ["backend", "simulator"])
def test_an_option_of_run(request, which, bell, held):
    backend = request.getfixturevalue(which)
    options = {*RUN_OPTIONS, *inspect.signature(type(backend).run).parameters} - {"kwargs"}
    for name in sorted(options - {"self", "run_config"}):
        for wrong in set(misspellings(name)) - options - SIMULATOR_OPTIONS.keys():
            with pytest.raises(IBMQBackendValueError) as raised:
                backend.run(bell, **{wrong: None})
            assert f"{wrong!r}. Did you mean {name}?" in str(raised.value)
            with pytest.raises(IBMQJobManagerInvalidStateError) as raised:
                IBMQJobManager().run([bell], backend, **{wrong: None})
            assert f"{wrong!r}. Did you mean" in str(raised.value)
    assert backend.jobs() == []


def test_options_of_aer_are_not_taken_for_misspelled_ones(simulator, bell):
    from qiskit_aer import AerSimulator

    options = dict.fromkeys(AerSimulator().options.__dict__)
    assert len(options) > 30
    simulator.run(bell, **options)
    simulator.run(bell, **dict.fromkeys([*SIMULATOR_OPTIONS, *DEVICE_OPTIONS]))


@pytest.mark.parametrize("which", ["backend", "simulator"])
def test_options_of_the_assembler_are_not_taken_for_misspelled_ones(request, which):
    names = {*inspect.signature(QasmQobjConfig).parameters, *inspect.signature(assemble).parameters}
    options = names - {"experiments", "backend", "run_config", "kwargs"}
    assert {"n_qubits", "meas_lo_range"} <= options
    runs = (IBMQBackend.run, type(request.getfixturevalue(which)).run)
    refuse_misspelled_options(dict.fromkeys(options), runs)


@pytest.mark.integration
@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("n_qubit", "n_qubits"),
        ("nqubits", "n_qubits"),
        ("simulater", "simulator"),
        ("Simulator", "simulator"),
        ("operatonal", "operational"),
        ("open_puls", "open_pulse"),
        ("min_num_qubit", "min_num_qubits"),
        ("filter", "filters"),
        ("input_alowed", "input_allowed"),
        ("backendname", "backend_name"),
        ("max_shot", "max_shots"),
    ],
)
def test_a_condition_of_backends(provider, wrong, meant):
    for ask in (provider.backends, provider.get_backend, provider.backend.get):
        with pytest.raises(TypeError, match=rf"{wrong!r}\. Did you mean {meant}\?"):
            ask(**{wrong: 5})


@pytest.mark.parametrize("name", ["proxies", "verify", "instance", "channel", "hub", "url"])
def test_an_argument_of_an_account(clean_account, name):
    for wrong in misspellings(name):
        for call in (IBMQ.enable_account, IBMQ.save_account):
            with pytest.raises(TypeError) as raised:
                call("a" * 32, **{wrong: None})
            assert f"{wrong!r}. Did you mean {name}?" in str(raised.value)
    with pytest.raises(TypeError, match="Did you mean overwrite"):
        IBMQ.save_account("a" * 32, overwrit=True)
    assert IBMQ.stored_account() == {}


@pytest.mark.integration
@pytest.mark.parametrize("name", ["backend_name", "optimization_level", "shots", "seed_transpiler"])
def test_an_argument_of_run_circuits(provider, bell, name):
    for wrong in set(misspellings(name)) - {name}:
        with pytest.raises(TypeError, match=rf"{wrong!r}\. Did you mean {name}\?"):
            provider.run_circuits(bell, **{wrong: 1})


@pytest.mark.integration
def test_a_misspelled_option_of_execute_is_named(backend):
    from qiskit import execute

    circuit = QuantumCircuit(1, 1)
    circuit.measure(0, 0)
    with pytest.raises(IBMQBackendValueError, match="Did you mean shots"):
        execute(circuit, backend, shot=100)


def test_the_simulator_has_its_own_options():
    assert {"noise_model", "backend_options"} <= {*inspect.signature(IBMQSimulator.run).parameters}
