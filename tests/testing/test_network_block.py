"""The block of the network, and what the plugin costs and disturbs when nobody uses it."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import entry_points

import pytest
import vcr

from tests.testing.conftest import PLUGIN, Run

assert vcr  # loaded once, not by every run

AWAY = """
    import socket
    import httpx, pytest

    @pytest.fixture
    def early():
        with pytest.raises(RuntimeError, match="may not reach '192.0.2.1'"):
            socket.create_connection(("192.0.2.1", 80), timeout=1)
"""


def test_marked_test_and_its_fixtures_stay_on_this_machine(run: Run) -> None:
    result = run(
        AWAY
        + """
    @pytest.mark.ibmq_block_network
    def test_marked(early):
        with pytest.raises(RuntimeError, match="quantum.example.*blocked.*ibmq_cassette"):
            httpx.get("https://quantum.example/api")
        with pytest.raises(RuntimeError, match="2001:db8::1"):
            socket.socket(socket.AF_INET6).connect_ex(("2001:db8::1", 80))
        server = socket.create_server(("127.0.0.1", 0))
        socket.create_connection(("localhost", server.getsockname()[1])).close()
        one, other = socket.socketpair()
        for each in (server, one, other):
            each.close()

    def test_other():
        assert socket.socket.connect.__name__ == "connect"
    """,
        "-W",
        "ignore::pytest.PytestUnraisableExceptionWarning",
    )
    result.assert_outcomes(passed=2)


@pytest.mark.parametrize("way", ["option", "ini"])
def test_all_tests_but_those_let_through(run: Run, pytester: pytest.Pytester, way: str) -> None:
    if way == "ini":
        pytester.makeini("[pytest]\nibmq_block_network = true")
    result = run(
        AWAY
        + """
    def test_blocked(early):
        pass

    @pytest.mark.ibmq_network
    def test_let_through():
        assert socket.socket.connect.__name__ == "connect"
    """,
        *(["--ibmq-block-network"] if way == "option" else []),
    )
    result.assert_outcomes(passed=2)


def test_emulator_is_reached_all_the_same(run: Run) -> None:
    result = run(
        """
        def test_it(local_ibmq):
            assert local_ibmq.backend("ibmq_vigo").status().operational
        """,
        "--ibmq-block-network",
    )
    result.assert_outcomes(passed=1)


def test_an_unused_plugin_loads_next_to_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        conftest="""
        import json, sys

        def pytest_unconfigure():
            print(json.dumps(sorted(sys.modules)))
        """,
        test_own="def test_own():\n    pass\n",
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]

    def loaded(*options: str) -> set[str]:
        done = subprocess.run(
            [*command, *options],
            cwd=pytester.path,
            env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PATH": ""},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert "1 passed" in done.stdout, done.stdout + done.stderr
        return set(json.loads(done.stdout.splitlines()[-1]))

    more = loaded("-p", PLUGIN) - loaded()
    assert {name for name in more if name.startswith("ibmq_backend")} == {
        "ibmq_backend",
        "ibmq_backend._secrets",
        "ibmq_backend._secrets.log_setup",
        "ibmq_backend._version",
        "ibmq_backend.testing",
        "ibmq_backend.testing.plugin",
    }
    heavy = {"qiskit", "httpx", "yaml", "numpy", "requests", "attrs", "socketserver", "starlette"}
    assert not more & heavy
    assert len(more) < 12, sorted(more)


def test_it_is_an_entry_point() -> None:
    found = [entry.value for entry in entry_points(group="pytest11", name="ibmq_backend")]
    assert found == [PLUGIN], "installed before there was a plugin: run scripts/test once"


def test_it_works_beside_the_plugin_for_vcr(run: Run, pytester: pytest.Pytester) -> None:
    program = """
        import http.server, threading
        import httpx, pytest
        from qiskit import IBMQ

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *args): ...

        @pytest.fixture
        def server(record_mode):
            server = http.server.HTTPServer(("127.0.0.1", 18999), Handler)
            if record_mode == "none":
                server.server_close()
            threading.Thread(target=server.handle_request, daemon=True).start()
            yield "http://127.0.0.1:18999/own"
            server.server_close()

        @pytest.mark.vcr
        @pytest.mark.ibmq_local(backends=["ibmq_vigo"])
        def test_both(ibmq_cassette, server):
            assert IBMQ.load_account().get_backend("ibmq_vigo").status().operational
            assert httpx.get(server).text == "ok"
        """
    other = ("-p", "pytest_recording.plugin", "-W", "ignore")
    record = (*other, "--record-mode=once", "--ibmq-record=missing")
    run(program, *record).assert_outcomes(passed=1)
    ours = pytester.path / "ibmq_cassettes/test_bell/test_both.yaml"
    text = ours.read_text(encoding="utf-8")
    run(None, *other).assert_outcomes(passed=1)
    assert "/own" not in text
    assert "local.ibmq.test" in text
