import pytest
from qiskit.exceptions import QiskitError

from ibmq_backend import RunnerResult

DOCUMENT = {
    "backend_name": "ibmq_vigo",
    "backend_version": "1.0.0",
    "qobj_id": "q",
    "job_id": "j",
    "success": True,
    "results": [
        {"shots": 100, "success": True, "data": data, "header": {"name": name}}
        for name, data in (
            ("mitigated", {"quasiprobabilities": {"0x0": 1.02, "0x1": -0.02}}),
            ("plain", {"counts": {"0x0": 98, "0x1": 2}}),
        )
    ],
}


def test_quasi_probabilities():
    result = RunnerResult.from_dict(DOCUMENT)
    assert result.get_quasiprobabilities("mitigated") == {0: 1.02, 1: -0.02}
    assert result.get_quasiprobabilities(0).shots == 100
    assert result.get_counts("plain") == {"0": 98, "1": 2}
    with pytest.raises(QiskitError, match=r"'plain' has no quasi-probabilities.*get_counts"):
        result.get_quasiprobabilities("plain")
    with pytest.raises(QiskitError, match="not mitigated"):
        result.get_quasiprobabilities()
