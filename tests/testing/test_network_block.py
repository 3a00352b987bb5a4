"""The network block, and the cost and side effects of the plugin when it is not used."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import entry_points

import pytest
import vcr

from tests.testing.conftest import PLUGIN, Run

assert vcr  # import it once instead of in every run

AWAY = """
    import errno, socket
    import httpx, pytest

    @pytest.fixture
    def early():
        with pytest.raises(RuntimeError, match="may not connect to '192.0.2.1'"):
            socket.create_connection(("192.0.2.1", 80), timeout=1)
"""


def test_marked_test_and_its_fixtures_are_blocked(run: Run) -> None:
    result = run(
        AWAY
        + """
    @pytest.mark.ibmq_block_network
    def test_marked(early):
        with pytest.raises(RuntimeError, match="quantum.example.*blocked.*ibmq_cassette"):
            httpx.get("https://quantum.example/api")
        with pytest.raises(RuntimeError, match="2001:db8::1"):
            socket.socket(socket.AF_INET6).connect(("2001:db8::1", 80))
        with pytest.raises(RuntimeError, match="192.0.2.1"):
            socket.socket().connect_ex(("192.0.2.1", 80))
        server = socket.create_server(("127.0.0.1", 0))
        socket.create_connection(("localhost", server.getsockname()[1])).close()
        with socket.socket() as client:
            assert client.connect_ex(server.getsockname()) == 0
        with socket.socket() as client:
            assert client.connect_ex(("127.0.0.1", 1)) == errno.ECONNREFUSED
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
def test_all_tests_are_blocked_except_marked_ones(
    run: Run, pytester: pytest.Pytester, way: str
) -> None:
    if way == "ini":
        pytester.makeini("[pytest]\nibmq_block_network = true")
    result = run(
        AWAY
        + """
    def test_blocked(early):
        pass

    @pytest.mark.ibmq_network
    def test_allowed():
        assert socket.socket.connect.__name__ == "connect"
    """,
        *(["--ibmq-block-network"] if way == "option" else []),
    )
    result.assert_outcomes(passed=2)


def test_fixtures_are_blocked_in_their_teardown_too(run: Run) -> None:
    result = run(
        AWAY
        + """
    @pytest.fixture
    def late():
        yield
        with pytest.raises(RuntimeError, match="may not connect to '192.0.2.1'"):
            socket.create_connection(("192.0.2.1", 80), timeout=1)

    @pytest.mark.ibmq_block_network
    def test_marked(late):
        pass

    def test_other():
        assert socket.socket.connect.__name__ == "connect"
    """,
        "-p",
        "pytest_socket",  # its plugin removes all restrictions after each test
    )
    result.assert_outcomes(passed=2)


def test_missing_library_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pytest_socket", None)
    monkeypatch.delitem(sys.modules, "ibmq_backend.testing.network_block")
    result = run("def test_it():\n    pass\n", "--ibmq-block-network")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*needs pytest_socket*Run `pip install pytest-socket`.*"])


def test_emulator_is_not_blocked(run: Run) -> None:
    result = run(
        """
        def test_it(local_ibmq):
            assert local_ibmq.backend("ibmq_vigo").status().operational
        """,
        "--ibmq-block-network",
    )
    result.assert_outcomes(passed=1)


def test_unused_plugin_loads_few_modules(pytester: pytest.Pytester) -> None:
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
        "ibmq_backend.emulator",
        "ibmq_backend.emulator.store",
        "ibmq_backend.emulator.store.location",
        "ibmq_backend.testing",
        "ibmq_backend.testing.plugin",
    }
    heavy = {"qiskit", "httpx", "yaml", "vcr", "pytest_socket", "numpy", "requests", "starlette"}
    assert not more & heavy
    assert len(more) < 12, sorted(more)


def test_plugin_is_an_entry_point() -> None:
    found = [entry.value for entry in entry_points(group="pytest11", name="ibmq_backend")]
    assert found == [PLUGIN], (
        "the package was installed before it had a plugin. Run scripts/test once"
    )


def test_pytest_recording_works_at_the_same_time(run: Run, pytester: pytest.Pytester) -> None:
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
