"""The service in the current process, and its cleanup."""

from __future__ import annotations

import doctest
import inspect
import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import httpx
import pytest

from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.engine.engine import EngineError, ProcessEngine
from ibmq_backend.emulator.http.embedded import LocalService, user_store_path
from tests.support.emulator import bell, error_of, login, until
from tests.support.engines import FakeEngine

ROOT = Path(__file__).parents[3]


def local(catalog: Catalog, **options: object) -> LocalService:
    return LocalService(engine=FakeEngine(), catalog=catalog, **options)


def run_script(text: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a script without main guard, with warnings as errors."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(text)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
        env={**os.environ, **variables},
    )


def test_help_fits_on_a_screen() -> None:
    signature = str(inspect.signature(LocalService))
    assert len(signature) < 500
    assert "ServiceInstance(" not in signature
    assert len((inspect.getdoc(LocalService) or "").splitlines()) < 40


def test_the_example_in_the_help_runs() -> None:
    finder = doctest.DocTestFinder(recurse=False)
    (example,) = finder.find(LocalService, globs={"LocalService": LocalService})
    assert doctest.DocTestRunner().run(example) == (0, 1)


def test_a_bell_pair_on_vigo_through_the_real_engine(catalog: Catalog) -> None:
    with LocalService(catalog=catalog) as service:
        client = login(service)
        job_id = client.submit(bell(shots=4000))
        assert client.wait(job_id)["status"] == "COMPLETED"
        result = client.result(job_id)
        counts = result["results"][0]["data"]["counts"]
        assert sum(counts.values()) == 4000
        assert 0.3 < counts["0x0"] / 4000 < 0.6
        assert 0.3 < counts["0x3"] / 4000 < 0.6
        assert counts["0x1"] > 0  # the device is noisy
        assert result["results"][0]["header"]["metadata"] == {"lesson": 3}
        job = client.job(job_id)
        assert job["endDate"][:-1] >= result["date"]


def test_starting_and_stopping_twice(catalog: Catalog) -> None:
    service = local(catalog)
    with pytest.raises(EmulatorError, match="not running"):
        _ = service.service_state
    before = threading.enumerate()  # other services of this process can be running
    for _ in range(2):
        service.start()
        url = service.url
        service.start()
        assert service.url == url
        assert httpx.get(f"{url}/version", trust_env=False).status_code == 200
        folder = Path(str(service.service_state.store.url.database)).parent
        service.stop()
        service.stop()
        assert not folder.exists()
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{url}/version", trust_env=False)
        service._engine = FakeEngine()

    def threads_left() -> list[str]:
        return [thread.name for thread in threading.enumerate() if thread not in before]

    # Threads of the event loop may end a moment after it.
    left = until(threads_left, lambda names: len(names) <= 1)
    assert [name for name in left if name.startswith("ibmq-")] == []


def test_a_persistent_service_keeps_its_jobs(catalog: Catalog, clean_account: Path) -> None:
    with local(catalog, persist=True) as first:
        job_id = login(first).submit()
        login(first).wait(job_id)
    assert user_store_path().is_relative_to(clean_account)
    with local(catalog, persist=True) as second:
        assert second.api_token != first.api_token
        assert login(second).job(job_id)["status"] == "COMPLETED"
        other = {"apiToken": first.api_token}
        reply = httpx.post(f"{second.url}/users/loginWithToken", json=other, trust_env=False)
        assert error_of(reply) == (401, 3446)


def test_services_are_independent(catalog: Catalog) -> None:
    with local(catalog) as one, local(catalog) as two:
        assert one.url != two.url
        job_id = login(one).submit()
        assert login(two).get(f"P/Jobs/{job_id}/v/1").status_code == 404
        token = login(one).token
        reply = httpx.get(f"{two.url}/users/me", headers={"X-Access-Token": token})
        assert reply.status_code == 401


def test_a_failed_start_cleans_up(catalog: Catalog, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    service = local(catalog, store=tmp_path / "file" / "s.sqlite")
    for _ in range(2):
        with pytest.raises(EmulatorError, match="cannot create the folder"):
            service.start()
    service.stop()


def test_a_script_can_end_without_stopping_the_service() -> None:
    """It ends cleanly and quickly without a main guard, without stop and during a run."""
    done = run_script(
        """
        import httpx
        from ibmq_backend.emulator.http.embedded import LocalService
        service = LocalService()
        service.start()
        print(service.service_state.store.url.database)
        key = {"apiToken": service.api_token}
        login = httpx.post(service.url + "/users/loginWithToken", json=key).json()
        P = service.url + "/Network/ibm-q/Groups/open/Projects/main"
        head = {"X-Access-Token": login["id"]}
        from tests.support.emulator import bell
        job = httpx.post(P + "/Jobs", json={"backend": {"name": "ibmq_vigo"}}, headers=head).json()
        httpx.put(job["objectStorageInfo"]["uploadUrl"], json=bell())
        print(httpx.post(P + f"/Jobs/{job['id']}/jobDataUploaded", headers=head).status_code)
        """
    )
    assert done.stderr == ""
    assert done.returncode == 0
    database, status = done.stdout.split()
    assert status == "200"
    assert not Path(database).parent.exists()


def test_a_failing_script_shows_only_its_error() -> None:
    done = run_script(
        """
        from ibmq_backend.emulator.http.embedded import LocalService
        LocalService().start()
        raise KeyError("mine")
        """
    )
    assert done.returncode == 1
    assert done.stderr.strip().endswith("KeyError: 'mine'")
    assert done.stderr.count("Traceback") == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_does_not_stop_the_service() -> None:
    done = run_script(
        """
        import os, sys, httpx
        from ibmq_backend.emulator.http.embedded import LocalService
        service = LocalService()
        service.start()
        child = os.fork()
        if child == 0:
            sys.exit(0)
        assert os.waitpid(child, 0)[1] == 0
        print(httpx.get(service.url + "/version").status_code)
        """
    )
    assert done.stdout.split() == ["200"], done.stderr
    assert done.returncode == 0


def test_an_engine_ends_with_a_service_that_cannot_start(tmp_path: Path) -> None:
    (tmp_path / "no.sqlite").write_text("not a database " * 100)
    engine = ProcessEngine(0)
    with pytest.raises(EmulatorError):
        LocalService(store=tmp_path / "no.sqlite", engine=engine).start()
    with pytest.raises(EngineError, match="closed"):
        engine.start()


def test_serving_does_not_import_the_simulator() -> None:
    done = run_script(
        """
        import sys
        from ibmq_backend.emulator.http.embedded import LocalService
        with LocalService():
            heavy = {"qiskit", "qiskit_aer", "numpy"} & set(sys.modules)
        print(sorted(heavy))
        """
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_the_engine_can_start_with_the_first_job(catalog: Catalog) -> None:
    engine = FakeEngine()
    engine.failure = EngineError("none")
    with LocalService(catalog=catalog, engine=engine, prewarm=False) as service:
        client = login(service)
        assert not engine.started
        client.wait(client.submit())
    assert engine.closed
