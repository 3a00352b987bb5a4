import contextlib
import json
from datetime import UTC, datetime

import pytest

from ibmq_backend.cli.histogram import histogram
from ibmq_backend.cli.output import (
    format_value,
    print_json,
    print_pairs,
    print_renderable,
    print_table,
    print_text,
)
from tests.support.terminal import Terminal, screen

HOSTILE = "".join(
    map(chr, [*range(32), *range(0x7F, 0xA0), 0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F),
              *range(0x2066, 0x206A), 0xD800, 0xDFFF])
)  # fmt: skip
"""Characters that control a terminal, move text in it, or cannot be encoded."""

ROW = {"id": "5f0c" * 6, "text": "word " * 30 + "end", "qubits": 5}

AT = datetime(2021, 3, 4, 5, 6, 7, 890000, tzinfo=UTC)


def test_table(capsys):
    print_table([{"name": "a", "qubits": 5}, {"name": "longer", "qubits": None}], "none")
    assert capsys.readouterr().out == "name    qubits\na            5\nlonger       -\n"
    print_table([], "There are none.")
    assert capsys.readouterr().out == "There are none.\n"


def test_pairs(capsys):
    print_pairs({"a": True, "long": ["x", "y"], "none": []})
    assert capsys.readouterr().out == "a     yes\nlong  x, y\nnone  -\n"


def test_times():
    assert format_value(AT) == "2021-03-04 05:06:07+00:00"


def test_json(capsys):
    print_json({"at": AT, "none": None})
    assert json.loads(capsys.readouterr().out) == {
        "at": "2021-03-04T05:06:07.890000+00:00",
        "none": None,
    }
    with pytest.raises(TypeError, match="object has no JSON form"):
        print_json(object())


@pytest.mark.parametrize("character", HOSTILE)
def test_control_characters_are_escaped(capsys, character):
    """Names and texts of a service: in cells, titles of pairs, outcomes, lines and JSON."""
    name = f"a{character}b"
    print_table([{"name": name, "tags": [name]}], "none")
    print_pairs({name: name})
    print_text(name)
    print_renderable(histogram({name: 1}))
    print_json({name: name})
    printed = capsys.readouterr().out
    assert character == "\n" or character not in printed
    lines = printed.splitlines()
    assert len(lines) == 2 + 1 + 1 + 1 + 3
    escaped = character.encode("unicode_escape").decode()
    assert lines[1] == f"a{escaped}b  a{escaped}b"
    assert lines[3] == f"a{escaped}b"


def test_columns_are_as_wide_as_the_escaped_text(capsys):
    print_table([{"name": "\x1b[2J", "qubits": 5}], "none")
    print_pairs({"\x1b": 1, "abcdef": 2})
    assert capsys.readouterr().out == ("name     qubits\n\\x1b[2J       5\n\\x1b    1\nabcdef  2\n")


def test_other_languages_are_printed_as_they_are():
    assert format_value("Zustände — 状態 حالة 👩\u200d🔬") == "Zustände — 状態 حالة 👩\u200d🔬"


@pytest.fixture
def on_terminal(monkeypatch):
    """Show what a function prints on a terminal of 60 columns; return the lines."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")

    def show(function):
        with contextlib.redirect_stdout(Terminal()) as stream:
            function()
        return screen(stream.getvalue())

    return show


def test_output_into_a_pipe_is_complete(capsys, monkeypatch):
    """Even with FORCE_COLOR, so that grep and awk can read it."""
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("FORCE_COLOR", "1")
    print_table([ROW], "none")
    print_pairs(ROW)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + 3
    assert lines[1].split() == [ROW["id"], *ROW["text"].split(), "5"]
    assert lines[3] == f"text    {ROW['text']}"


def test_output_fits_a_terminal_and_is_complete(on_terminal):
    lines = on_terminal(lambda: (print_table([ROW], "none"), print_pairs(ROW, indent=2)))
    assert max(map(len, lines)) <= 60
    assert " ".join(lines).count("word") == 60
    assert sum(ROW["id"] in line for line in lines) == 2


def test_long_outcomes_stay_whole_on_a_narrow_terminal(on_terminal):
    bits = "01" * 40
    lines = on_terminal(lambda: print_renderable(histogram({bits: 5})))
    assert max(map(len, lines)) <= 60
    assert "".join(line.split()[0] for line in lines) == bits


def test_nothing_is_read_as_markup(on_terminal):
    text = "[bold]a[/] [link=http://b]c[/link] :bug:"
    assert on_terminal(lambda: print_table([{text: text}], "none")) == [text, text]
    shown = on_terminal(lambda: print_pairs({text: text}))
    assert text in shown[0]
    shown = on_terminal(lambda: print_renderable(histogram({text: 1})))
    assert shown[0].startswith(text)


@pytest.mark.parametrize("character", HOSTILE)
def test_control_characters_are_escaped_on_a_terminal(on_terminal, character):
    name = f"a{character}b"

    def print_all():
        print_table([{"name": name, "tags": [name]}], "none")
        print_pairs({name: name})
        print_text(name)
        print_renderable(histogram({name: 1}))

    lines = on_terminal(print_all)
    escaped = character.encode("unicode_escape").decode()
    assert len(lines) == 2 + 1 + 1 + 1
    assert lines[1] == f"a{escaped}b  a{escaped}b"


def test_a_table_that_a_terminal_has_no_room_for_becomes_pairs(on_terminal, monkeypatch):
    """At 40 columns rich leaves out columns, or gives them a width of one character."""
    job = {"id": "5f0c" * 6, "created": AT, "backend": "ibmq_16_melbourne", "name": "a"}
    monkeypatch.setenv("COLUMNS", "66")
    lines = on_terminal(lambda: print_table([job, job], "none"))
    assert len(lines) == 5
    assert lines[1].split() == [job["id"], "2021-03-04", job["backend"], "a"]
    monkeypatch.setenv("COLUMNS", "40")
    lines = on_terminal(lambda: print_table([job, job], "none"))
    assert lines[:4] == [
        f"id       {job['id']}",
        f"created  {format_value(AT)}",
        "backend  ibmq_16_melbourne",
        "name     a",
    ]
    assert lines[4:] == lines[:4]


def test_only_the_last_column_is_folded_inside_words(on_terminal):
    rows = [{"id": "5f0c" * 6, "backend": "ibmq_16_melbourne", "name": "w" * 30}]
    lines = on_terminal(lambda: print_table(rows, "none"))
    assert [line.split() for line in lines[1:]] == [
        [*list(rows[0].values())[:2], "w" * 15],
        ["w" * 15],
    ]
