"""Temporary folders and their removal, also after a killed process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.http.scratch import OWNER_FILE, PREFIX, ScratchFolder, remove_abandoned
from tests.support.engines import FakeEngine

ROOT = Path(__file__).parents[3]
_OWNER = """
import sys, time
from pathlib import Path
from ibmq_backend.emulator.http.scratch import ScratchFolder
folder = ScratchFolder(Path(sys.argv[1]))
print(folder.path, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def owner(tmp_path: Path) -> subprocess.Popen[str]:
    """Another process with a folder, which its first line names."""
    child = subprocess.Popen(
        [sys.executable, "-c", _OWNER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    with child:
        yield child
        if child.poll() is None:
            child.kill()


def test_a_folder_is_removed_with_its_content(tmp_path: Path) -> None:
    folder = ScratchFolder(tmp_path)
    assert folder.path.parent == tmp_path
    assert folder.path.name.startswith(PREFIX)
    (folder.path / "local.sqlite").write_bytes(b"x")
    folder.remove()
    folder.remove()
    assert list(tmp_path.iterdir()) == []


def test_the_folder_of_a_killed_process_is_removed(
    tmp_path: Path, owner: subprocess.Popen[str]
) -> None:
    assert owner.stdout is not None
    path = Path(owner.stdout.readline().strip())
    (path / "local.sqlite").write_bytes(b"x")
    mine = ScratchFolder(tmp_path)
    assert remove_abandoned(tmp_path) == []  # both owners are running
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    assert remove_abandoned(tmp_path) == [path]
    assert list(tmp_path.iterdir()) == [mine.path]
    mine.remove()


def test_a_local_service_removes_folders_of_killed_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, catalog: Catalog
) -> None:
    script = (
        "import os, signal; from ibmq_backend.emulator.http.embedded import LocalService; "
        "LocalService(prewarm=False).start(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", script], env=environment, cwd=ROOT)
    (left,) = tmp_path.glob(f"{PREFIX}*/local.sqlite")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with LocalService(catalog=catalog, engine=FakeEngine()):
        (mine,) = tmp_path.glob(f"{PREFIX}*/local.sqlite")
        assert mine != left
    assert list(tmp_path.glob(f"{PREFIX}*")) == []


def test_other_folders_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unmarked = tmp_path / f"{PREFIX}unmarked"
    unmarked.mkdir()
    (unmarked / f"{OWNER_FILE}.new").touch()  # an owner that is starting
    (tmp_path / f"{PREFIX}file").touch()
    target = tmp_path / "elsewhere"
    target.mkdir()
    (target / OWNER_FILE).touch()
    (tmp_path / f"{PREFIX}link").symlink_to(target)
    foreign = tmp_path / f"{PREFIX}foreign"
    foreign.mkdir()
    (foreign / OWNER_FILE).touch()
    before = sorted(tmp_path.rglob("*"))
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    assert remove_abandoned(tmp_path) == []
    assert sorted(tmp_path.rglob("*")) == before
    monkeypatch.undo()
    assert remove_abandoned(tmp_path) == [foreign]
    assert target.is_dir()


def test_no_folders(tmp_path: Path) -> None:
    assert remove_abandoned(tmp_path / "none") == []
