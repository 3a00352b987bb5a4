import ast
import json

import pytest

from ibmq_backend.doctor.sources import UnreadableProgramError, read_program


def read(folder, text, name="program.py"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_program(path)


def notebook(*sources, **more):
    cells = [{"cell_type": "code", "source": source} for source in sources]
    return json.dumps({"cells": cells, **more})


def code_of(program):
    return [ast.unparse(cell.tree) for cell in program.cells]


def test_lines_of_ipython_are_commands_and_the_rest_is_read(tmp_path):
    text = (
        "%matplotlib inline\n!ls -la\nx = !ls\nx?\n?x\nif x:\n    %time y = 1\n    !pwd\nz = x % 2"
    )
    program = read(tmp_path, text, "a.ipy")
    assert program.findings == []
    assert [command.text for command in program.commands] == [
        "%matplotlib inline", "!ls -la", "!ls", "%time y = 1", "!pwd",
    ]  # fmt: skip
    assert code_of(program)[0].endswith("if x:\n    y = 1\n    pass\nz = x % 2")


def test_lines_keep_their_numbers(tmp_path):
    program = read(tmp_path, notebook("%%time\n%matplotlib inline\nx = 1"), "a.ipynb")
    assert program.cells[0].tree.body[-1].lineno == 3


def test_cells_in_other_languages_are_skipped(tmp_path):
    program = read(tmp_path, notebook("%%bash\nimport x", "%%time\ny = 1"), "a.ipynb")
    assert code_of(program) == ["", "y = 1"]


def test_cells_are_counted_without_text_cells(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": "text"},
        {"cell_type": "code", "source": ["a = 1\n", "b = 2"]},
    ]
    program = read(tmp_path, json.dumps({"cells": cells}), "a.ipynb")
    assert [cell.number for cell in program.cells] == [1]
    assert code_of(program) == ["a = 1\nb = 2"]


def test_notebooks_of_format_3_are_read(tmp_path):
    cells = [{"cell_type": "code", "input": ["a = 1"]}]
    program = read(tmp_path, json.dumps({"worksheets": [{"cells": cells}]}), "a.ipynb")
    assert code_of(program) == ["a = 1"]


def test_a_broken_cell_is_reported_and_the_others_are_read(tmp_path):
    program = read(tmp_path, notebook("a = (1,\nb = 2", "c = 3"), "a.ipynb")
    (finding,) = program.findings
    assert (finding.place.cell, finding.place.line) == (1, 1)
    assert code_of(program)[1] == "c = 3"


@pytest.mark.parametrize(
    ("statement", "remedy"),
    [
        ("print x", "print(x)"),
        ("print 'a', b", "print('a', b)"),
        ("print 'a %s' % b", "Write it as a call: print(...)."),
        ("exec 'a'", "Write it as a call: exec(...)."),
    ],
)
def test_statements_of_python_2(tmp_path, statement, remedy):
    program = read(tmp_path, f"a = 1\nif a:\n    {statement}\nb = 2")
    (finding,) = program.findings
    assert finding.place.line == 3
    assert finding.remedy == remedy
    assert code_of(program)[0].endswith("b = 2")


def test_a_magic_in_a_script_is_an_error(tmp_path):
    (finding,) = read(tmp_path, "%matplotlib inline\n%pylab").findings
    assert finding.place.line == 1
    assert finding.name == "%matplotlib"


@pytest.mark.parametrize(
    "text",
    ["", "\n\n", "if x:", "(" * 5000, "a\0b", "x = '''", "\f%x", "print " * 300, "    a = 1\n  b",
     "# coding: latin-1\n", "\r", "%", "!", "?", "%time", "x = %", "print 'a'\n" * 500],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.py", "a.ipy"])
def test_no_text_is_a_crash(tmp_path, text, name):
    if "\0" not in text:  # only in a notebook, where it is escaped
        read(tmp_path, text, name)
    read(tmp_path, notebook(text, "c = 3"), "a.ipynb")


@pytest.mark.parametrize(
    "text", ["", "[]", "3", "{}", '{"cells": 3}', '{"cells": [{}]}',
             '{"cells": [{"cell_type": "code"}]}',
             '{"cells": [{"cell_type": "code", "source": 3}]}', "[" * 100_000, b"\xff\xfe\x00"],
)  # fmt: skip
def test_what_is_no_notebook_is_said(tmp_path, text):
    with pytest.raises(UnreadableProgramError, match="is not a"):
        read(tmp_path, text, "a.ipynb")


def test_a_file_that_does_not_exist(tmp_path):
    with pytest.raises(UnreadableProgramError, match="No such file"):
        read_program(tmp_path / "none.py")
