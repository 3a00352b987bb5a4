"""scripts/drift as it is called: sources, exit status, both reports, published descriptions."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest
import yaml

from scripts._drift.changes import Effect
from scripts._drift.compare import UPSTREAM, compare_versions
from scripts._drift.contradictions import only_contradictions
from scripts._drift.impact import ImpactFinder
from scripts._drift.operations import Version
from scripts._drift.problems import DriftError
from scripts._drift.report import read_known
from scripts._drift.sources import read_version
from tests.support.descriptions import DOCUMENTS

HISTORY = Path(__file__).parent / "history"
OLD, NEW = str(HISTORY / "2025-05-01.yaml"), str(HISTORY / "2026-04-15.yaml")

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def drift(
    root: Path,
    tmp_path: Path,
    finder: ImpactFinder,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run the command somewhere else: exit status, output, errors."""
    # Starting it reads the whole package, which is done once for all tests.
    loader = SourceFileLoader("drift_command", str(root / "scripts/drift"))
    spec = spec_from_loader("drift_command", loader)
    assert spec is not None
    command = module_from_spec(spec)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(sys, "path", [*sys.path])
    loader.exec_module(command)
    monkeypatch.setattr(command, "ImpactFinder", lambda _: finder)
    monkeypatch.chdir(tmp_path)

    def run(*options: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["drift", *options])
        capsys.readouterr()
        try:
            status = command.main()
        except SystemExit as stop:
            status = int(stop.code or 0)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_command_can_be_started_by_name_from_anywhere(root: Path, tmp_path: Path) -> None:
    assert os.access(root / "scripts/drift", os.X_OK)
    done = subprocess.run(
        [sys.executable, str(root / "scripts/drift"), NEW, NEW, "--fail-on", "any"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[2] == "No difference."


def test_a_reader_that_stops_reading_gets_the_status_and_no_traceback(root: Path) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [sys.executable, str(root / "scripts/drift"), OLD, NEW],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=write_end,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
        check=False,
    )
    os.close(write_end)
    assert (done.returncode, done.stderr) == (1, "")


def test_reports_for_people_and_for_programs(drift: Run, tmp_path: Path) -> None:
    status, page, errors = drift(OLD, NEW, "--json", "report.json")
    assert (status, errors) == (1, "")
    assert page.startswith(f"# From {OLD} (2025-05-01) to {NEW} (2026-04-15)\n")
    assert "57 changes, 15 breaking, 0 renamed, 42 compatible, 11 operations" in page
    urgent = page[page.index("## To act on") : page.index("## listBackends")]
    assert "| getJobResults response 200 text/plain: media type removed |" in urgent
    assert "`api.platform.mapping._seconds`" in urgent
    assert "createJob" not in urgent  # nobody here sends `cost` or `session_id`
    assert "## getJobMetrics (`GET /v1/jobs/{job_id}/metrics`)" in page
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["figures"]["changes"] == len(report["changes"]) == 57
    (seconds,) = (
        one
        for one in report["changes"]
        if (one["operation"], one["field"]) == ("getJobMetrics", "usage.seconds")
    )
    assert seconds["effect"] == "breaking"
    assert seconds["impact"]["readers"] == ["api.platform.mapping._seconds"]
    assert seconds["impact"]["urgent"] is True
    ways = {one["name"]: one["way"] for one in seconds["impact"]["documented"]}
    assert ways["IBMQJob.result"][0] == "job.job.IBMQJob.result"
    assert ways["IBMQJob.result"][-1] == "api.platform.jobs.JobReader._measured"


def test_exit_status_is_what_fail_on_asks_for(drift: Run, tmp_path: Path) -> None:
    document = yaml.safe_load(Path(NEW).read_text(encoding="utf-8"))
    del document["paths"]["/v1/jobs"]["get"]["parameters"][0]["schema"]["maximum"]
    (tmp_path / "looser.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    assert drift(NEW, "looser.yaml")[0] == 0
    assert drift(NEW, "looser.yaml", "--fail-on", "any")[0] == 1
    assert drift("looser.yaml", NEW)[0] == 1
    never = drift("looser.yaml", NEW, "--fail-on", "never", "--markdown", "page.md")
    assert never == (0, "", "")
    assert "maximum changed" in (tmp_path / "page.md").read_text(encoding="utf-8")


def test_changes_of_an_accepted_report_are_left_out(drift: Run) -> None:
    assert drift(OLD, NEW, "--json", "known.json")[0] == 1
    status, page, _ = drift(OLD, NEW, "--known", "known.json", "--fail-on", "any")
    assert (status, page.splitlines()[2]) == (0, "No difference.")
    status, _, errors = drift(OLD, NEW, "--known", "gone.json")
    assert status == 2
    assert "gone.json: cannot be read: No such file or directory." in errors


@pytest.mark.parametrize(
    ("options", "status", "message"),
    [
        (("gone.yaml", NEW), 2, "gone.yaml: there is no such file."),
        (("HEAD:spec/gone.yaml", NEW), 2, "nor REVISION:PATH of this repository.\ngit says:"),
        ((NEW,), 2, "give OLD and NEW, or --upstream FILE and a dialect"),
        (("--upstream", NEW, "clowd"), 2, "'clowd' is no dialect; there are classic, platform, c"),
    ],
)
def test_what_cannot_be_compared(
    drift: Run, options: tuple[str, ...], status: int, message: str
) -> None:
    ended, _, errors = drift(*options)
    assert ended == status
    assert message in errors


# -- sources --------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[str]:
    """A host on this machine with a description, a page and a long way to nowhere."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            texts = {"/api.yaml": Path(NEW).read_bytes(), "/docs": b"<!doctype html>"}
            path = self.path.partition("?")[0]
            self.send_response(302 if path == "/moved" else 200 if path in texts else 404)
            if path == "/moved":
                self.send_header("Location", "/api.yaml")
            self.end_headers()
            self.wfile.write(texts.get(path, b""))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{made.server_port}"
        made.shutdown()
        thread.join()


def test_description_at_an_address(server: str, root: Path) -> None:
    here = read_version(NEW, root)
    for path in ("/api.yaml", "/moved"):
        there = read_version(f"{server}{path}", root)
        assert there.label == "2026-04-15"
        assert compare_versions(here, there) == []


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/gone", "answers 404. Download the description yourself and give the file."),
        ("/docs", "is a page, not a description; take the address of the file."),
    ],
)
def test_address_without_a_description(server: str, root: Path, path: str, message: str) -> None:
    with pytest.raises(DriftError, match=re.escape(message)):
        read_version(f"{server}{path}", root)


def test_no_secret_of_an_address_is_shown(server: str, root: Path) -> None:
    address = server.replace("://", "://me:hidden@")
    assert "hidden" not in read_version(f"{address}/api.yaml?key=hidden", root).name
    for path in ("/gone", "/docs"):
        with pytest.raises(DriftError) as caught:
            read_version(f"{address}{path}?key=hidden", root)
        assert "hidden" not in str(caught.value)
        assert f"{server}{path}?...: " in str(caught.value)
    with pytest.raises(DriftError, match="The address of a description is none: "):
        read_version("http://[::1/api.yaml", root)


def test_address_where_nobody_answers(root: Path) -> None:
    with pytest.raises(DriftError, match="cannot be fetched: "):
        read_version("http://127.0.0.1:9/api.yaml", root)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"openapi": "3.0.3",}', "is not JSON: "),
        ("openapi: 3.0.3\npaths: {/a: 1, /a: 2}\n", ":2: is not YAML: the key '/a' is given twice"),
        ("- 1\n", ":1: # holds no keys at its top level"),
        ("", ":1: # is empty"),
        (
            "openapi: 3.0.3\npaths: {/x: {get: 5}}\n",
            "#/paths/~1x/get is no object.",
        ),
        ("swagger: '2.0'\npaths: {}\n", "and it has 'swagger'; convert it first."),
    ],
)
def test_file_without_a_description(tmp_path: Path, root: Path, text: str, message: str) -> None:
    path = tmp_path / "api.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DriftError) as caught:
        read_version(str(path), root)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_json_and_yaml_are_the_same(tmp_path: Path, root: Path) -> None:
    path = tmp_path / "api.json"
    path.write_text(json.dumps(DOCUMENTS["cloud"]), encoding="utf-8")
    again = read_version(str(path), root)
    assert compare_versions(Version(DOCUMENTS["cloud"], "yaml"), again) == []


def test_report_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text('{"changes": [{}]}', encoding="utf-8")
    with pytest.raises(DriftError, match="is no report of changes; make one with --json FILE"):
        read_known(path)
    with pytest.raises(DriftError, match=r"gone\.json: cannot be read: No such file"):
        read_known(tmp_path / "gone.json")


def test_report_that_cannot_be_written_is_no_comparison(drift: Run, tmp_path: Path) -> None:
    for option in ("--json", "--markdown"):
        status, _, errors = drift(OLD, NEW, option, str(tmp_path / "no/such/folder"))
        assert status == 2
        assert errors.startswith("The report cannot be written: ")


@pytest.mark.parametrize(
    ("where", "what", "message"),
    [
        (("paths", "/v1/jobs", "get", "parameters"), 5, "#/paths/~1v1~1jobs/get/parameters: "),
        (("paths", "/v1/jobs", "get", "security"), 5, "#/paths/~1v1~1jobs/get/security: "),
        (("paths", "/v1/jobs", "get", "responses"), [1], "#/paths/~1v1~1jobs/get/responses: "),
        (("components", "schemas"), {"Odd": {"maximum": "x"}}, "leads nowhere"),
    ],
)
def test_malformed_description_is_no_comparison(
    drift: Run, tmp_path: Path, where: tuple[str, ...], what: object, message: str
) -> None:
    document = yaml.safe_load(Path(NEW).read_text(encoding="utf-8"))
    inner = document
    for step in where[:-1]:
        inner = inner[step]
    inner[where[-1]] = what
    path = tmp_path / "odd.yaml"
    path.write_text(json.dumps(document), encoding="utf-8")
    for order in ((OLD, str(path)), (str(path), NEW)):
        status, page, errors = drift(*order)
        assert (status, page) == (2, "")
        assert errors.startswith(f"{path}: ")
        assert message in errors


def test_bound_that_is_no_number_is_found_when_it_is_compared(drift: Run, tmp_path: Path) -> None:
    text = Path(NEW).read_text(encoding="utf-8")
    path = tmp_path / "odd.yaml"
    path.write_text(re.sub(r"maxLength: \d+", "maxLength: many", text), encoding="utf-8")
    status, _, errors = drift(NEW, str(path))
    assert status == 2
    assert re.fullmatch(rf"{path}: is no valid OpenAPI: #/\S+/maxLength: .*'integer'.*\n", errors)


# -- published descriptions -----------------------------------------------------------------


def published() -> dict[str, object]:
    """A description of the same service by other hands: other names, stricter in places."""
    document = yaml.safe_load(Path(NEW).read_text(encoding="utf-8"))
    text = json.dumps(document).replace("job_id", "id").replace('"createJob"', '"create_job"')
    made: dict[str, object] = json.loads(text)
    return made


def test_published_description_contradicts_only_where_a_client_would_fail(root: Path) -> None:
    ours = Version(DOCUMENTS["platform"], "ours")
    changes = only_contradictions(compare_versions(ours, Version(published(), "theirs"), UPSTREAM))
    assert not any("renamed" in one.kind for one in changes)
    breaking = [one for one in changes if one.effect is Effect.BREAKING]
    assert len(breaking) < len(changes) / 4
    assert [str(one) for one in breaking if one.kind != "operation removed"] == [
        "create_job request application/json cost: maximum changed (none → 10800)",
        "create_job request application/json session_id: maxLength changed (64 → 36)",
        "getJobResults response 200 text/plain: media type removed",
    ]
    gone = {one.operation for one in breaking if one.kind == "operation removed"}
    assert {"getTranspiledCircuits", "getVersions"} <= gone
    assert not {"getJob", "create_job"} & gone


def test_upstream_command(drift: Run, tmp_path: Path) -> None:
    path = tmp_path / "published.json"
    path.write_text(json.dumps(published()), encoding="utf-8")
    status, page, _ = drift("--upstream", str(path), "platform")
    assert status == 1
    assert "## create_job (`POST /v1/jobs`)" in page
    assert "In the bindings: createJob." in page
    assert re.search(r"And \d+ compatible ones\.", page)
    assert "compatible |" not in page
