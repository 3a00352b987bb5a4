"""Mean values of observables that are dictionaries, diagonals or matrices."""

import numpy as np
import pytest

from ibmq_backend._compat.old_modules.observables import average_data, make_dict_observable

ZZ = [1, -1, -1, 1]


@pytest.mark.parametrize("observable", [ZZ, np.diag(ZZ), make_dict_observable(ZZ)])
def test_mean_value(observable):
    assert average_data({"00": 600, "01": 200, "11": 200}, observable) == pytest.approx(0.6)
    assert average_data({"00 0": 600}, observable) == 0
