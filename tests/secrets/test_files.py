"""Files with secrets are readable only by their owner, and are written completely or not at all."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ibmq_backend import IBMQ
from ibmq_backend.credentials import files
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.exceptions import IBMQAccountError
from tests.secrets.conftest import Secrets, account_of
from tests.secrets.leak_detector import LeakDetector, files_below
from tests.secrets.session import circuit, logged_in

CLASSIC = "https://classic.example/api"
CRN = "crn:v1:bluemix:public:quantum-computing:us-east:a/0123456789abcdef0123456789abcdef:1-2::"
KINDS = {"qiskitrc": {"url": CLASSIC}, "ibmq_backend.json": {"instance": CRN}}


@pytest.fixture(params=KINDS)
def file(request: pytest.FixtureRequest, clean_account: Path) -> Path:
    """Return a file with an account, saved with a umask that lets everybody read."""
    before = os.umask(0)
    IBMQ.save_account("first-token", **KINDS[request.param])
    os.umask(before)
    return clean_account / ".qiskit" / request.param


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_can_read_the_file(file: Path) -> None:
    assert mode(file) == 0o600
    file.chmod(0o644)
    IBMQ.save_account("second-token", overwrite=True, **KINDS[file.name])
    assert mode(file) == 0o600
    assert IBMQ.stored_account()["token"] == "second-token"


@pytest.mark.parametrize("failing", ["fsync", "replace", "chmod"])
def test_failure_while_writing_keeps_the_old_file(
    file: Path, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = file.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os if failing == "fsync" else Path, failing, full)
    with pytest.raises(IBMQAccountError, match="No space left"):
        IBMQ.save_account("second-token", overwrite=True, **KINDS[file.name])
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_kill_while_writing_keeps_the_old_file(clean_account: Path) -> None:
    IBMQ.save_account("first-token", CLASSIC)
    file = clean_account / ".qiskit" / "qiskitrc"
    before = file.read_bytes()
    program = f"""
import os, pathlib, signal
from ibmq_backend import IBMQ
pathlib.Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
IBMQ.save_account("second-token", {CLASSIC!r}, overwrite=True)
"""
    environment = {**os.environ, "HOME": str(clean_account)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], env=environment, timeout=120, check=False
    )
    assert done.returncode == -9
    assert file.read_bytes() == before
    left = [path for path in file.parent.iterdir() if path != file]
    assert len(left) == 1
    assert mode(left[0]) == 0o600


def test_files_are_replaced_and_links_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "account.json"
    files.write_private(path, json.dumps({"old": True}))
    link = tmp_path / "link.json"
    link.symlink_to(path)
    files.write_private(link, json.dumps({"new": True}))
    assert link.is_symlink()
    assert json.loads(path.read_text()) == {"new": True}


def test_emulator_stores_no_token(
    service: LocalService, detector: LeakDetector, drawn_secrets: Secrets, faults: object
) -> None:
    folder = Path(str(service.service_state.store.url.database)).parent
    for dialect in ("classic", "platform"):
        arguments, options = account_of(dialect, service, drawn_secrets.api_token)
        with logged_in(*arguments, **options) as provider:
            device = {"classic": "ibmq_vigo", "platform": "ibm_lagos"}[dialect]
            provider.get_backend(device).run(circuit(), shots=10).result(timeout=120)
    stored = dict(files_below(folder))
    assert any(name.endswith(".sqlite") for name in stored)
    for name, content in stored.items():
        assert not content or mode(folder / name) == 0o600 or name == "owner.lock"
    assert mode(folder) == 0o700
    # CRNs are part of the configuration of the emulator; the tokens of its users are not.
    secrets = {text: name for text, name in detector.secrets.items() if "token" in name}
    secrets[service.api_token] = "token of the local user"
    assert len(secrets) >= 5
    everything = b"\n".join(stored.values())
    assert [name for text, name in secrets.items() if text.encode() in everything] == []
