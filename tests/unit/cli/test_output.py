import json
from datetime import UTC, datetime

import pytest

from ibmq_backend.cli.output import print_json, print_pairs, print_table, shown

AT = datetime(2021, 3, 4, 5, 6, 7, 890000, tzinfo=UTC)


def test_table(capsys):
    print_table([{"name": "a", "qubits": 5}, {"name": "longer", "qubits": None}], "none")
    assert capsys.readouterr().out == "name    qubits\na       5\nlonger  -\n"
    print_table([], "There are none.")
    assert capsys.readouterr().out == "There are none.\n"


def test_pairs(capsys):
    print_pairs({"a": True, "long": ["x", "y"], "none": []})
    assert capsys.readouterr().out == "a     yes\nlong  x, y\nnone  -\n"


def test_times():
    assert shown(AT) == "2021-03-04 05:06:07+00:00"


def test_json(capsys):
    print_json({"at": AT, "none": None})
    assert json.loads(capsys.readouterr().out) == {
        "at": "2021-03-04T05:06:07.890000+00:00",
        "none": None,
    }
    with pytest.raises(TypeError, match="object has no JSON form"):
        print_json(object())
