"""Where jobs are stored, and what is stored there, without opening a service."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ibmq_backend.emulator.core.records import Instance, JobRequest
from ibmq_backend.emulator.service_state import ServiceState
from ibmq_backend.emulator.store.location import (
    STORE_VARIABLE,
    StoreLocation,
    choose_store,
    summarize_store,
    user_store_path,
)

FILE = "/jobs/x.sqlite"


@pytest.mark.parametrize(
    ("persist", "store", "variable", "expected"),
    [
        (None, None, "", "user"),
        (None, None, "  ", "user"),
        (None, None, "Memory", None),
        (None, None, FILE, FILE),
        (None, None, "sqlite:////jobs/x", "sqlite:////jobs/x"),
        (True, None, "", "user"),
        (True, None, "memory", "user"),
        (True, None, FILE, FILE),
        (False, None, FILE, None),
        (None, FILE, "memory", FILE),
        (False, Path(FILE), "", FILE),
        (True, "memory", FILE, None),
        (None, "/jobs/x", "", "/jobs/x"),
    ],
)
def test_arguments_precede_the_variable(
    clean_account: Path,
    persist: bool | None,
    store: str | Path | None,
    variable: str,
    expected: str | None,
) -> None:
    wanted = str(user_store_path()) if expected == "user" else expected
    assert choose_store(persist, store, {STORE_VARIABLE: variable}).url == wanted
    assert user_store_path().is_relative_to(clean_account)


def test_the_home_folder_is_written_as_a_tilde(clean_account: Path) -> None:
    found = choose_store(environ={STORE_VARIABLE: "~/my jobs/x.sqlite"})
    assert found.path == clean_account / "my jobs" / "x.sqlite"
    assert found.label() == "~/my jobs/x.sqlite"
    assert choose_store(environ={}).label() == "~/.qiskit/ibmq_backend/local.sqlite"
    assert StoreLocation("postgresql://me:secret@host/name").label() == "postgresql://host/name"


@pytest.mark.parametrize(
    "value", ["off", "0", "none", "menory", "/", "~", "~nobody-here/x.db", "x" * 5000 + "/y", "://"]
)
def test_a_wrong_variable_is_named(value: str) -> None:
    with pytest.raises(ValueError, match=r"^IBMQ_BACKEND_STORE is '.*Set it to memory") as caught:
        choose_store(environ={STORE_VARIABLE: value})
    assert len(str(caught.value)) < 300


def test_a_wrong_url_is_refused_without_its_password() -> None:
    for arguments in ({"environ": {STORE_VARIABLE: "mysql://me:secret@host/x"}}, {"store": "a://"}):
        with pytest.raises(ValueError, match="not a place for jobs") as caught:
            choose_store(**arguments)
        assert "secret" not in str(caught.value)


def test_jobs_are_counted_without_a_change(clean_account: Path) -> None:
    assert summarize_store(choose_store(True)).size_bytes is None
    assert not user_store_path().parent.exists()
    state = ServiceState(str(user_store_path()))
    request = JobRequest("a" * 24, "classic", Instance("a", "b", "c"), "ibmq_vigo", "1")
    ids = [state.jobs.create(request, -1).id for _ in range(3)]
    state.jobs.cancel(ids[0])
    state.jobs.delete(ids[1])
    opened = summarize_store(choose_store(True))
    state.close()
    before = {file: file.stat().st_mtime_ns for file in user_store_path().parent.iterdir()}
    closed = summarize_store(choose_store(True))
    assert [(each.jobs, each.unfinished_jobs, each.problem) for each in (opened, closed)] == [
        (2, 1, None)
    ] * 2
    assert (closed.size_bytes or 0) > user_store_path().stat().st_size
    assert {file: file.stat().st_mtime_ns for file in before} == before


def test_a_damaged_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").write_bytes(b"nothing" * 1000)
    found = summarize_store(StoreLocation(str(tmp_path / "x.sqlite")))
    assert (found.size_bytes, found.jobs, found.problem) == (7000, None, "file is not a database")


def test_the_module_is_light() -> None:
    code = (
        "import sys; import ibmq_backend.emulator.store.location; "
        "print({'sqlalchemy', 'sqlite3', 'qiskit', 'httpx'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "set()", done.stderr
