import json
from pathlib import Path

import pytest

from ibmq_backend.cli.__main__ import main


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "old.py"
    path.write_text("import qiskit.aqua\nx = 1\nprint(x)\n")
    return path


def test_findings_are_printed_with_what_to_write(program, capsys):
    assert main(["doctor", str(program)]) == 1
    first, _, problem, remedy = capsys.readouterr().out.splitlines()
    assert first == f"{program}: 1 finding."
    assert problem.startswith("line 1  qiskit.aqua does not exist in qiskit 0.46.3.")
    assert remedy.strip() == "from qiskit.algorithms import QAOA, VQE"


def test_a_program_that_runs(tmp_path, capsys):
    path = tmp_path / "a.py"
    path.write_text("from qiskit import IBMQ\nIBMQ.load_account().get_backend('ibmq_vigo')\n")
    assert main(["doctor", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: runs as it is.\n"


def test_json_of_a_program(program, capsys):
    assert main(["doctor", str(program), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert list(report) == ["program", "runs", "verdict", "errors", "warnings", "findings"]
    assert list(report["findings"][0]) == [
        "severity", "kind", "cell", "line", "name", "problem", "remedy",
    ]  # fmt: skip


def test_a_file_that_cannot_be_read_is_one_line(tmp_path, capsys):
    assert main(["doctor", str(tmp_path / "none.py")]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "none.py cannot be read: No such file or directory." in printed.err


def test_the_installation(capsys):
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "in order" in out.splitlines()[0]
    for topic in ("python", "packages", "qiskit folder", "extras", "in use", "store"):
        assert f"\n{topic} " in out
    assert main(["doctor", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"]


def test_every_key_is_documented(program, capsys, monkeypatch):
    monkeypatch.setenv("QE_TOKEN", "a token")
    monkeypatch.setenv("QE_URL", "http://127.0.0.1:9/api")
    page = (Path(__file__).parents[2] / "docs" / "doctor.md").read_text()
    main(["doctor", "--json"])
    installation = json.loads(capsys.readouterr().out)
    main(["doctor", str(program), "--json"])
    report = json.loads(capsys.readouterr().out)
    rows = [installation["python"], installation["packages"][0], installation["owners"][0]]
    rows += [installation["extras"][0], installation["accounts"][0]]
    rows += [installation["store"], installation["service"]]
    for key in {key for row in (installation, report, report["findings"][0], *rows) for key in row}:
        assert f"`{key}`" in page, key
