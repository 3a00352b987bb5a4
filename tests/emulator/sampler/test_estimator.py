"""The estimator without the service, against exact expectation values."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit, transpile
from qiskit.quantum_info import DensityMatrix, Pauli, SparsePauliOp, Statevector, random_unitary
from qiskit_aer import AerSimulator

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.sampler import estimator
from ibmq_backend.emulator.sampler.estimator import run_estimator
from ibmq_backend.emulator.sampler.observables import group
from ibmq_backend.emulator.sampler.static_run import instructions_of
from ibmq_backend.emulator.sampler.typed_values import encode_array
from ibmq_backend.emulator.simulation.circuits import build_circuit
from ibmq_backend.emulator.simulation.simulator import Simulator
from tests.emulator.sampler.test_run import HEAD, exported
from tests.support.emulated_platform import array_of

Noise = Literal["full", "gates", "none"]
LAGOS, LONDON = "ibm_lagos", "ibmq_london"
PLUS = HEAD + "qubit[2] q; sx q[0]; rz(pi/2) q[0]; x q[1];"
"""Qubit 0 has X = 1, and qubit 1 has Z = -1."""


@lru_cache(maxsize=2)
def simulator(noise: Noise) -> Simulator:
    return Simulator(DeviceOptions(noise=noise), threads=1)


def run(
    *pubs: Any, device: str = LAGOS, noise: Noise = "none", seed: int = 1, **params: Any
) -> dict[str, Any]:
    job = {"pubs": [list(pub) for pub in pubs], **params}
    result = run_estimator(simulator(noise), "job", device, job, seed)
    whole: dict[str, Any] = json.loads(json.dumps(result))
    return whole


def data(*pubs: Any, **options: Any) -> dict[str, Any]:
    """The data of the first pub."""
    found: dict[str, Any] = run(*pubs, **options)["document"]["results"][0]["data"]
    return found


def circuit_of(unitaries: int, device: str) -> QuantumCircuit:
    """Three entangled qubits at random angles, with the gates of the device."""
    circuit = QuantumCircuit(3)
    for index, pair in enumerate([(0, 1), (1, 2), (0, 1)][:unitaries]):
        circuit.unitary(random_unitary(4, seed=index), pair)
    basis = list(simulator("none").device(device).basis_gates)
    coupling = [[0, 1], [1, 0], [1, 2], [2, 1]]
    return transpile(circuit, basis_gates=basis, coupling_map=coupling, seed_transpiler=5,
                     initial_layout=[0, 1, 2], optimization_level=1)  # fmt: skip


OBSERVABLES: list[Any] = [
    "ZZZ",
    "XIY",
    "IYI",
    "III",
    {"XXX": 0.5, "ZII": -1.25, "IIZ": 2, "III": 3},
    {"YZX": 1.5, "YZI": -0.5},
]


def operator(observable: Any) -> SparsePauliOp:
    terms = {observable: 1} if isinstance(observable, str) else observable
    return SparsePauliOp.from_list(list(terms.items()))


@pytest.mark.parametrize("device", [LAGOS, "ibm_prague", LONDON])
def test_estimates_without_noise_are_those_of_the_state(device: str) -> None:
    circuit = circuit_of(3, device)
    exact = [Statevector(circuit).expectation_value(operator(one)).real for one in OBSERVABLES]
    found = data((exported(circuit, device), OBSERVABLES, None, 0.01), device=device)
    assert found["evs"][3] == 1
    assert found["stds"][3] == 0
    for value, error, wanted in zip(found["evs"], found["stds"], exact, strict=True):
        assert value == pytest.approx(wanted, abs=4 * error + 1e-9)
        assert error <= 0.03


@pytest.mark.parametrize("mitigated", [False, True])
def test_estimates_with_noise_are_those_of_the_density_matrix(mitigated: bool) -> None:
    circuit = circuit_of(2, LONDON)
    found = data(
        (exported(circuit, LONDON), OBSERVABLES, None, 0.005),
        device=LONDON,
        noise="full",
        resilience_level=int(mitigated),
    )
    exact = [
        sum(
            factor * noisy_expectation(circuit, pauli, mitigated)
            for pauli, factor in operator(one).label_iter()
        ).real
        for one in OBSERVABLES
    ]
    ideal = [Statevector(circuit).expectation_value(operator(one)).real for one in OBSERVABLES]
    assert max(np.abs(np.subtract(exact, ideal))) > 0.1
    for value, error, wanted in zip(found["evs"], found["stds"], exact, strict=True):
        assert value == pytest.approx(wanted, abs=4 * error + 1e-9)
        assert error <= 0.02


def noisy_expectation(circuit: QuantumCircuit, pauli: str, mitigated: bool) -> Any:
    """Simulate the circuit in one basis, and apply the readout errors unless they are mitigated."""
    device = simulator("full").device(LONDON)
    noise = simulator("full").noise(device, {})
    assert noise is not None
    letters = [index for index, one in enumerate(reversed(pauli)) if one != "I"]
    if not letters:
        return 1
    # Qubits that are measured together wait for each other.
    groups = group(one for terms in OBSERVABLES for one, _ in operator(terms).label_iter())
    basis = next(basis for basis, members in groups if pauli in members)
    written = estimator._measured(instructions_of(circuit, device), basis, device)
    scheduled = [one for one in noise.schedule(written).instructions if one["name"] != "measure"]
    qubits = (0, 1, 2)
    built = build_circuit(
        scheduled, qubits=qubits, slots=(), basis=device.calibrated_basis, name="exact",
        relaxation=noise.relaxation,
    )  # fmt: skip
    built.save_density_matrix()
    aer = AerSimulator(method="density_matrix", noise_model=noise.model(qubits))
    state = DensityMatrix(aer.run(built, shots=1).result().data()["density_matrix"])
    value: dict[tuple[int, ...], float] = {(): 1.0}
    for qubit in letters:
        up, down = (0.0, 0.0) if mitigated else noise.readout_flips(qubit)
        value = {
            **{key: share * (down - up) for key, share in value.items()},
            **{(*key, qubit): share * (1 - up - down) for key, share in value.items()},
        }
    strings = {key: "".join("Z" if q in key else "I" for q in (2, 1, 0)) for key in value}
    return sum(share * state.expectation_value(Pauli(strings[key])) for key, share in value.items())


def test_errors_are_those_of_the_shots() -> None:
    circuit = exported(circuit_of(3, LAGOS), LAGOS)
    separate = ["ZII", "XXI", {"ZII": 2, "XXI": -3}]
    found = data((circuit, separate, None, 0.02))
    (z, x, both), errors = found["evs"], found["stds"]
    assert both == pytest.approx(2 * z - 3 * x)
    assert errors[:2] == pytest.approx([np.sqrt((1 - one**2) / 2500) for one in (z, x)])
    # Two bases are two independent runs.
    assert errors[2] == pytest.approx(np.hypot(2 * errors[0], 3 * errors[1]))
    assert found["ensemble_standard_error"] == errors


def test_observables_in_one_basis_share_their_shots() -> None:
    entangled = HEAD + "qubit[2] q; sx q[0]; rz(pi/2) q[0]; cx q[0], q[1];"
    job = run((entangled, ["ZI", "IZ", "ZZ", {"ZI": 1, "IZ": -1}], None, 0.1))
    assert job["executions"] == [100]
    found = job["document"]["results"][0]["data"]
    assert found["evs"][0] == found["evs"][1]
    assert (found["evs"][3], found["stds"][3]) == (0, 0)
    assert (found["evs"][2], found["stds"][2]) == (1, 0)


def test_values_and_observables_are_broadcast() -> None:
    turned = HEAD + "input float a; qubit[2] q; sx q[0]; rz(a) q[0]; sx q[0];"
    angles = [[np.pi], [0.0], [np.pi / 2]]
    job = run((turned, [["IZ"], ["ZI"]], angles, 0.02))
    (result,) = job["document"]["results"]
    assert job["executions"] == [2500] * 3
    assert result["data"]["evs"][0] == pytest.approx([1, -1, 0], abs=0.1)
    assert result["data"]["evs"][1] == [1, 1, 1]
    assert np.shape(result["data"]["stds"]) == (2, 3)
    by_name = data((turned, "IZ", {"a": [np.pi, 0.0]}))
    assert by_name["evs"] == [1, -1]


_shapes = st.lists(st.integers(0, 3), max_size=3).map(tuple)
_arrays = st.builds(np.ones, _shapes, st.sampled_from(["f8", "f2", "i4", "?"]))
_observables = st.recursive(
    st.sampled_from(["Z", {"X": 2, "Y": -1.5}, {"I": 3}]),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(_arrays.flatmap(lambda one: st.sampled_from([one, one[..., None]])), _observables)
def test_any_shapes_fit_or_are_refused(values: Any, observables: Any) -> None:
    pub = (SWEEP, observables, encode_array(values), 0.5)
    try:
        expected = np.broadcast_shapes(values.shape[:-1], np.array(observables).shape)
    except ValueError:
        expected = None
    if expected is None or values.shape[-1:] not in ((1,), ()):
        with pytest.raises(JobRefused) as caught:
            run(pub)
        assert caught.value.code == 3211
        return
    (result,) = run(pub, support_qiskit=True)["document"]["__value__"]["pub_results"]
    evs = result["__value__"]["data"]["__value__"]["fields"]["evs"]
    assert array_of(evs).shape == expected


def test_pubs_have_their_own_precision() -> None:
    job = run((PLUS, "IX", None, 0.1), (PLUS, ["ZI", "IY"]), (PLUS, "II"), precision=0.05)
    assert job["executions"] == [100, 400]  # ZI and IY are measured together
    results = job["document"]["results"]
    assert [one["metadata"]["shots"] for one in results] == [100, 400, 400]
    assert [one["metadata"]["target_precision"] for one in results] == [0.1, 0.05, 0.05]
    assert (results[0]["data"]["evs"], results[1]["data"]["evs"][0]) == (1, -1)
    assert results[2]["data"] == {"evs": 1, "stds": 0, "ensemble_standard_error": 0}


def test_typed_and_plain_results_agree() -> None:
    pub = (PLUS, [["IX", "IY"], ["ZI", "II"]], None, 0.1)
    plain = run(pub)["document"]
    typed = run(pub, support_qiskit=True)["document"]
    assert typed["__type__"] == "PrimitiveResult"
    (result,) = typed["__value__"]["pub_results"]
    assert result["__type__"] == "PubResult"
    assert result["__value__"]["metadata"] == plain["results"][0]["metadata"]
    assert typed["__value__"]["metadata"] == plain["metadata"]
    content = result["__value__"]["data"]["__value__"]
    assert content["shape"] == [2, 2]
    assert content["field_names"] == list(plain["results"][0]["data"])
    for name, array in content["fields"].items():
        assert array_of(array).tolist() == plain["results"][0]["data"][name]


def test_the_seed_repeats_the_estimates() -> None:
    pubs = ((PLUS, ["IY", "XI"]), (PLUS, "YY", None, 0.1))
    same, again, other = (run(*pubs, noise="full", seed=seed) for seed in (1, 1, 2))
    assert same == again
    assert same["document"]["results"] != other["document"]["results"]


def test_measurements_of_the_circuit_are_left_out() -> None:
    measured = PLUS.replace("qubit", "bit[1] c; qubit") + " c[0] = measure q[0];"
    assert data((measured, ["IX", "ZI"]))["evs"] == [1, -1]


@pytest.mark.parametrize(
    ("params", "mitigates", "ignored"),
    [
        ({"resilience_level": 0}, False, None),
        ({}, True, None),
        ({"resilience_level": 2}, True, ["zne_mitigation"]),
        (
            {"resilience_level": 2, "options": {"resilience": {"pec_mitigation": True}}},
            True,
            ["pec_mitigation"],
        ),
        ({"options": {"resilience": {"measure_mitigation": False}}}, False, None),
        (
            {
                "options": {
                    "dynamical_decoupling": {"enable": True},
                    "twirling": {"enable_gates": True},
                    "resilience": {"zne_mitigation": True},
                }
            },
            True,
            ["dynamical_decoupling", "twirling", "zne_mitigation"],
        ),
    ],
)
def test_the_metadata_say_what_was_done(
    params: dict[str, Any], mitigates: bool, ignored: list[str] | None
) -> None:
    metadata = run((PLUS, "ZI", None, 0.1), noise="full", **params)["document"]["metadata"]
    assert metadata["resilience"] == {
        "measure_mitigation": mitigates,
        "zne_mitigation": False,
        "pec_mitigation": False,
    }
    assert ("measure_mitigation" in metadata["emulation"]) is mitigates
    assert metadata["emulation"].get("ignored_options") == ignored


CONDITIONAL = HEAD + "bit[1] c; qubit[2] q; c[0] = measure q[0]; if (c[0]) { x q[1]; }"
SWEEP = HEAD + "input float a; qubit[1] q; rz(a) q[0];"


@pytest.mark.parametrize(
    ("pub", "params", "code", "said"),
    [
        ((PLUS, "Z"), {}, 1501, "2 qubits"),
        ((PLUS, ["ZZ", "ZZZ"]), {}, 1501, "observables 3"),
        ((CONDITIONAL, "ZZ"), {}, 1522, "control flow"),
        ((PLUS.replace("x q[1]", "h q[1]"), "ZZ"), {}, 1517, "instruction h"),
        ((PLUS, ["ZZ", ["ZZ"]]), {}, 3211, "different lengths"),
        ((SWEEP, ["Z", "X"], [[1], [2], [3]]), {}, 3211, "broadcast"),
        ((SWEEP, "Z"), {}, 3211, "1 parameters"),
        ((PLUS, "ZZ", None, 1e-9), {}, 1520, "executions"),
        ((PLUS, ["ZZ", "XX"], None, 4e-4), {}, 1520, "executions"),
        ((PLUS, "ZZ"), {"options": {"execution": {"rep_delay": 3}}}, 1521, "rep_delay"),
        (("OPENQASM 2.0;", "ZZ"), {}, 1506, "OPENQASM 3"),
    ],
)
def test_jobs_that_fail(pub: Any, params: dict[str, Any], code: int, said: str) -> None:
    with pytest.raises(JobRefused, match=said) as caught:
        run(pub, **params)
    assert caught.value.code == code


def test_bases_count_as_circuits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimator, "MAX_CIRCUITS", 5)
    sweep = (SWEEP, [["X"], ["Y"]], [[0.1]] * 2, 0.5)
    assert len(run(sweep)["executions"]) == 4
    for pubs in ([(SWEEP, [["X"], ["Y"]], [[0.1]] * 3)], [sweep, sweep]):
        with pytest.raises(JobRefused, match="circuits") as caught:
            run(*pubs)
        assert caught.value.code == 1520


def test_a_readout_that_tells_nothing_is_not_mitigated(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = simulator("full").noise(simulator("full").device(LAGOS), {})
    assert noise is not None
    monkeypatch.setattr(noise, "readout_flips", lambda _: (0.5, 0.5))
    assert estimator._eigenvalues(0, noise).tolist() == [1, -1]
