"""Files from untrusted sources: accounts, faults, devices, circuits, cassettes."""

from __future__ import annotations

import json
import pickle
import pickletools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ibmq_backend.cli.errors import CommandError
from ibmq_backend.cli.programs import read_circuit
from ibmq_backend.credentials import Credentials
from ibmq_backend.credentials.qiskitrc import read_qiskitrc
from ibmq_backend.emulator.classroom.accounts_file import read_accounts_file
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.devices.snapshots import SnapshotError, terra_folder
from ibmq_backend.emulator.faults.script import FaultScript
from ibmq_backend.emulator.simulation.simulator import Simulator
from ibmq_backend.exceptions import IBMQAccountCredentialsInvalidFormat
from ibmq_backend.testing.cassette_files import CassetteProblem
from tests.support import cassettes
from tests.support.emulator import bell

CODE = "__import__('pathlib').Path('evaluated').touch()"


@pytest.fixture(autouse=True)
def evaluated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Check that no code in a file has run: it would have created this file."""
    monkeypatch.chdir(tmp_path)
    yield
    assert not Path("evaluated").exists()


@pytest.mark.parametrize(
    "tag",
    [
        f'!!python/object/apply:eval ["{CODE}"]',
        "!!python/object/apply:os.system ['touch evaluated']",
        "!!python/object/new:subprocess.Popen [['touch', 'evaluated']]",
        "!!python/name:os.system",
        "!!python/module:os",
    ],
)
def test_cassettes(tag: str, tmp_path: Path) -> None:
    path = tmp_path / "cassette.yaml"
    path.write_text(f"interactions:\n- request: {tag}\n", encoding="utf-8")
    with pytest.raises(CassetteProblem, match="not valid YAML"):
        cassettes.read(path)


@pytest.mark.parametrize("value", [CODE, "[].__class__", f"{{'urls': {CODE}}}", "(" * 5000])
def test_stored_accounts_of_the_original_client(value: str, tmp_path: Path) -> None:
    path = tmp_path / "qiskitrc"
    path.write_text(f"[ibmq]\ntoken = abcdef\nurl = https://a.example\nproxies = {value}\n")
    with pytest.raises(IBMQAccountCredentialsInvalidFormat, match="proxies"):
        read_qiskitrc(path)


def test_accounts_files(tmp_path: Path) -> None:
    path = tmp_path / "accounts.toml"
    path.write_text(f'[[user]]\nname = "{CODE}"\ntoken = "token-0123456789"\n', encoding="utf-8")
    path.chmod(0o600)
    assert [user.name for user in read_accounts_file(path).users] == [CODE]
    path.write_text(f"[[user]]\nname = {CODE}\n", encoding="utf-8")
    with pytest.raises(EmulatorError):
        read_accounts_file(path)


@pytest.mark.parametrize("text", [f"[[fault]]\nkind = {CODE}\n", f'[[fault]]\nkind = "{CODE}"\n'])
def test_fault_files(text: str, tmp_path: Path) -> None:
    path = tmp_path / "faults.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EmulatorError):
        FaultScript.load(path)


def device_folder(folder: Path, **changes: object) -> None:
    source = terra_folder() / "vigo"
    document = json.loads((source / "conf_vigo.json").read_text(encoding="utf-8"))
    document |= {"backend_name": "my_lab", "description": CODE, **changes}
    (folder / "conf_lab.json").write_text(json.dumps(document), encoding="utf-8")
    shutil.copy(source / "props_vigo.json", folder / "props_lab.json")


def test_device_files_with_code_in_their_texts(tmp_path: Path) -> None:
    device_folder(tmp_path)
    properties = json.loads(Path("props_lab.json").read_text(encoding="utf-8"))
    properties["general"] = [{"name": CODE, "unit": CODE, "value": 1, "date": "2020-01-01"}]
    Path("props_lab.json").write_text(json.dumps(properties), encoding="utf-8")
    assert Simulator(DeviceOptions((tmp_path,)), threads=1).run("job", "my_lab", bell(), 1)[
        "success"
    ]


@pytest.mark.parametrize("changes", [{"n_qubits": CODE}, {"coupling_map": CODE}, {"gates": CODE}])
def test_device_files_with_code_in_place_of_values(
    changes: dict[str, object], tmp_path: Path
) -> None:
    device_folder(tmp_path, **changes)
    with pytest.raises(SnapshotError):
        Catalog(DeviceOptions((tmp_path,)))


@pytest.mark.parametrize(
    "text",
    [
        f"OPENQASM 2.0;\nqreg q[1];\nU({CODE},0,0) q[0];",
        'OPENQASM 2.0;\ninclude "/etc/passwd";',
        f"OPENQASM 3.0;\nqubit q;\nU({CODE},0,0) q;",
        'OPENQASM 3.0;\ninclude "/etc/passwd";',
    ],
)
def test_openqasm_files_of_the_command_line(text: str, tmp_path: Path) -> None:
    path = tmp_path / "circuit.qasm"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError):
        read_circuit(str(path))


def test_our_pickles_name_only_our_classes() -> None:
    """Unpickling calls what a pickle names, so we read none; those that we write are harmless."""
    written = pickle.dumps(Credentials("a" * 40, "https://a.example"), protocol=0)
    named = {value for code, value, _ in pickletools.genops(written) if code.name == "GLOBAL"}
    assert named
    assert {str(one).split(".")[0] for one in named} == {"ibmq_backend"}


def test_device_files_nested_too_deeply(tmp_path: Path) -> None:
    device_folder(tmp_path)
    (tmp_path / "conf_lab.json").write_text("[" * 5000, encoding="utf-8")
    with pytest.raises(SnapshotError, match=r"conf_lab\.json.* is nested too deeply"):
        Catalog(DeviceOptions((tmp_path,)))
