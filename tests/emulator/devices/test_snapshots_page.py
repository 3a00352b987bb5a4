"""docs/device-snapshots.md: its example runs; its tables and messages are those of the code."""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from ibmq_backend.emulator.devices import catalog as catalog_module
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.devices.snapshots import SnapshotError

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "device-snapshots.md").read_text(encoding="utf-8")
EXAMPLE = PAGE.split("## An example\n")[1].split("\n## ")[0]
WRITE, TRY = re.findall(r"```python\n(.*?)```", EXAMPLE, re.DOTALL)
(SERVE,) = re.findall(r"```\n(ibmq-backend .*)\n```", EXAMPLE)
ERRORS = re.findall(r"^Device snapshot (\S+): (.*)$", PAGE.split("## Errors\n")[1], re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the first program of the example writes."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "write.py").write_text(WRITE, encoding="utf-8")
    runpy.run_path("write.py")
    return tmp_path / "my-devices"


def test_the_example_runs(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", TRY],
        cwd=folder.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder.parent)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    counts, source, t1 = done.stdout.splitlines()
    found = json.loads(counts.replace("'", '"'))
    assert sum(found.values()) == 1000
    assert 900 < found["00"] + found["11"] < 1000
    expected = re.findall(r"# (.*)", TRY)[1:]
    assert [source, t1] == expected


def test_the_server_of_the_example_offers_the_device(folder: Path) -> None:
    program, *arguments = SERVE.split()
    assert program == "ibmq-backend"
    process = subprocess.Popen(
        [sys.executable, "-m", "ibmq_backend.cli", *arguments, "--port", "0", "--open"],
        cwd=folder.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        url = re.search(r"http://[\w.:]+/api", process.stdout.readline())
        assert url is not None, process.communicate(timeout=60)[1]
        with httpx.Client(timeout=60, trust_env=False) as client:
            login = client.post(f"{url[0]}/users/loginWithToken", json={"apiToken": "a" * 40})
            path = "/Network/ibm-q/Groups/open/Projects/main/devices/v/1"
            headers = {"X-Access-Token": login.json()["id"]}
            devices = client.get(url[0] + path, headers=headers).json()
        assert "my_lab" in {device["backend_name"] for device in devices}
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def test_required_and_optional_fields_are_those_of_the_code() -> None:
    section = PAGE.split("## The configuration\n")[1].split("\n## ")[0]
    required, optional = section.split("Optional, ")
    named = set(re.findall(r"^\| `(\w+)`", required, re.MULTILINE))
    assert named == {*catalog_module._REQUIRED, "online_date"}
    filled = set(re.findall(r"^\| `(\w+)`", optional, re.MULTILINE))
    assert set(catalog_module._DEFAULTS) - filled == {"allow_q_object", "allow_object_storage"}


@pytest.mark.parametrize("field", [*catalog_module._REQUIRED])
def test_a_configuration_needs_each_required_field(folder: Path, field: str) -> None:
    change(folder / "conf_lab.json", lambda document: document.pop(field))
    with pytest.raises(SnapshotError, match=f"needs '{field}' of type"):
        Catalog(DeviceOptions((folder,)))


def test_the_messages_are_those_of_the_code(folder: Path) -> None:
    spoilt = [
        ("conf_lab.json", lambda document: document.update(n_qubits="two")),
        ("conf_lab.json", lambda document: document.update(coupling_map=[[0, 2]])),
        ("props_lab.json", lambda document: document["qubits"].pop()),
        ("props_lab.json", lambda document: document["qubits"][1][0].update(value=None)),
        ("props_lab_2020-05-04.json", lambda _: None),
    ]
    found = []
    for name, spoil in spoilt:
        if not (folder / name).exists():
            shutil.copy(folder / "props_lab.json", folder / name)
        before = (folder / name).read_text(encoding="utf-8")
        change(folder / name, spoil)
        found.append(refusal())
        (folder / name).write_text(before, encoding="utf-8")
    (folder / "props_lab_2020-05-04.json").unlink()
    (folder / "conf_lab.json").unlink()
    found.append(refusal())
    (folder / "props_lab.json").unlink()
    found.append(refusal())
    assert found == ERRORS


def change(path: Path, spoil: Any) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    spoil(document)
    path.write_text(json.dumps(document), encoding="utf-8")


def refusal() -> tuple[str, str]:
    with pytest.raises(SnapshotError) as caught:
        Catalog(DeviceOptions((Path("my-devices"),)))
    return str(caught.value.path), caught.value.reason


def test_names_come_from_the_configuration(folder: Path) -> None:
    change(folder / "conf_lab.json", lambda document: document.update(backend_name="ibmqx2"))
    device = Catalog(DeviceOptions((folder,))).get("ibmq_5_yorktown")
    assert (device.name, device.num_qubits) == ("ibmqx2", 2)
    change(folder / "conf_lab.json", lambda document: document.update(backend_name="real"))
    named = Catalog(DeviceOptions((folder,))).get("real")
    assert named.num_qubits == 2
