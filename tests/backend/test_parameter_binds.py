"""Values of ``parameter_binds``: numbers, also of numpy, and errors that name the parameter."""

from fractions import Fraction

import numpy as np
import pytest
from qiskit.circuit import Parameter, ParameterVector

from ibmq_backend.backend.parameter_binds import read_parameter_binds
from ibmq_backend.exceptions import IBMQBackendValueError, IBMQJobManagerInvalidStateError

THETA = Parameter("theta")
VECTOR = ParameterVector("v", 2)
HALF = (2 * THETA).bind({THETA: 0.25})


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (1, 1),
        (0.5, 0.5),
        (HALF, HALF),
        (np.int64(1), 1),
        (np.float32(0.5), 0.5),
        (np.array(0.5), 0.5),
        (np.complex128(1), 1 + 0j),
        (np.bool_(True), 1),
        (Fraction(1, 4), 0.25),
    ],
)
def test_numbers(value, wanted):
    [bound] = read_parameter_binds([{THETA: value}])
    assert repr(bound[THETA]) == repr(wanted)


@pytest.mark.parametrize("collect", [list, tuple, np.array])
def test_lists_of_dictionaries(collect):
    assert read_parameter_binds(collect([{THETA: 1}, {THETA: 2}])) == [{THETA: 1}, {THETA: 2}]


@pytest.mark.parametrize("values", [[1.0, 2.0], (1.0, 2.0), np.array([1.0, 2.0])])
def test_a_vector_has_as_many_values(values):
    assert read_parameter_binds([{VECTOR: values}]) == [{VECTOR: [1.0, 2.0]}]
    with pytest.raises(IBMQBackendValueError, match="the value of v must be a finite number, not"):
        read_parameter_binds([{VECTOR: [1.0, "a"]}])


@pytest.mark.parametrize("error", [IBMQBackendValueError, IBMQJobManagerInvalidStateError])
@pytest.mark.parametrize(
    "value", ["1", None, [0.1], np.array([0.1, 0.2]), np.nan, np.inf, 10**400, THETA, object()]
)
def test_what_is_no_number_names_the_parameter(value, error):
    with pytest.raises(error, match="the value of theta must be a finite number"):
        read_parameter_binds([{THETA: value}], error)


@pytest.mark.parametrize("binds", [{THETA: 1}, 5, "a", [5], [[THETA, 1]]])
def test_what_is_no_list_of_dictionaries(binds):
    with pytest.raises(IBMQBackendValueError, match=r"parameter_binds must be a list of dict"):
        read_parameter_binds(binds)
