import json
from datetime import UTC, datetime

import pytest

from ibmq_backend.cli.histogram import histogram
from ibmq_backend.cli.output import print_json, print_pairs, print_table, print_text, shown

HOSTILE = "".join(
    map(chr, [*range(32), *range(0x7F, 0xA0), 0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F),
              *range(0x2066, 0x206A), 0xD800, 0xDFFF])
)  # fmt: skip
"""What controls a terminal, moves text in it, or cannot be written to it."""

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


@pytest.mark.parametrize("character", HOSTILE)
def test_nothing_controls_the_terminal(capsys, character):
    """Names and texts of a service: in cells, titles of pairs, outcomes, lines and JSON."""
    name = f"a{character}b"
    print_table([{"name": name, "tags": [name]}], "none")
    print_pairs({name: name})
    print_text(name)
    print(histogram({name: 1}))
    print_json({name: name})
    printed = capsys.readouterr().out
    assert character == "\n" or character not in printed
    lines = printed.splitlines()
    assert len(lines) == 2 + 1 + 1 + 1 + 3
    escaped = character.encode("unicode_escape").decode()
    assert lines[1] == f"a{escaped}b  a{escaped}b"
    assert lines[3] == f"a{escaped}b"


def test_columns_are_as_wide_as_what_is_shown(capsys):
    print_table([{"name": "\x1b[2J", "qubits": 5}], "none")
    print_pairs({"\x1b": 1, "abcdef": 2})
    assert capsys.readouterr().out == ("name     qubits\n\\x1b[2J  5\n\\x1b    1\nabcdef  2\n")


def test_texts_of_other_languages_stay():
    assert shown("Zustände — 状態 حالة 👩\u200d🔬") == "Zustände — 状態 حالة 👩\u200d🔬"
