"""Documents have ``as_dict``."""

import pytest
from qiskit import QuantumCircuit, assemble
from qiskit.providers.fake_provider import FakeAthens
from qiskit.result import Result

DEVICE = FakeAthens()


@pytest.mark.parametrize(
    "document",
    [
        assemble(QuantumCircuit(1, 1)),
        DEVICE.configuration(),
        DEVICE.properties(),
        DEVICE.status(),
        Result("d", "1", "q", "j", True, []),
    ],
    ids=lambda document: type(document).__name__,
)
def test_as_dict_is_to_dict(document):
    assert document.as_dict() == document.to_dict()
