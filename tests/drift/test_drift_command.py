"""The command scripts/drift: sources, report and exit status."""

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
from scripts._drift.compare import compare_versions
from scripts._drift.operations import Version
from scripts._drift.problems import DriftError
from scripts._drift.sources import read_version
from scripts._drift.upstream import compare_with_published
from tests.support.descriptions import DOCUMENTS

HISTORY = Path(__file__).parent / "history"
OLD, NEW = str(HISTORY / "2025-05-01.yaml"), str(HISTORY / "2026-04-15.yaml")

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def drift(
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run the command in another folder; returns exit status, output and errors."""
    loader = SourceFileLoader("drift_command", str(root / "scripts/drift"))
    spec = spec_from_loader("drift_command", loader)
    assert spec is not None
    command = module_from_spec(spec)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(sys, "path", [*sys.path])
    loader.exec_module(command)
    monkeypatch.chdir(tmp_path)

    def run(*options: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["drift", *options])
        capsys.readouterr()
        status = command.main()
        output = capsys.readouterr()
        return status, output.out, output.err

    return run


def test_command_starts_from_any_folder(root: Path, tmp_path: Path) -> None:
    assert os.access(root / "scripts/drift", os.X_OK)
    done = subprocess.run(
        [sys.executable, str(root / "scripts/drift"), NEW, NEW],
        cwd=tmp_path,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[2] == "No difference."


def test_closed_output_raises_no_traceback(root: Path) -> None:
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


def test_report(drift: Run) -> None:
    status, page, errors = drift(OLD, NEW)
    assert (status, errors) == (1, "")
    assert page.startswith(f"# From {OLD} (2025-05-01) to {NEW} (2026-04-15)\n")
    assert "57 changes in 11 operations: 15 breaking, 0 renamed, 42 compatible." in page
    metrics = page.partition("## getJobMetrics (`GET /v1/jobs/{job_id}/metrics`)")[2]
    sent, documented = metrics.partition("##")[0].splitlines()[2:4]
    assert re.fullmatch(r"- Sent at: `ibmq_backend/api/platform/jobs\.py:\d+`", sent)
    assert "`IBMQJob.result`" in documented
    assert "`IBMQBackend.status`" not in documented
    removed = "| breaking | response 200 application/json usage.seconds | field removed |"
    assert removed in metrics
    unused = page.partition("## getTranspiledCircuits")[2].partition("##")[0]
    assert "- Sent at: nowhere\n- Documented methods: none" in unused


def test_exit_status_is_1_for_breaking_changes(drift: Run, tmp_path: Path) -> None:
    document = yaml.safe_load(Path(NEW).read_text(encoding="utf-8"))
    del document["paths"]["/v1/jobs"]["get"]["parameters"][0]["schema"]["maximum"]
    (tmp_path / "looser.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    assert drift(NEW, "looser.yaml")[0] == 0
    assert drift("looser.yaml", NEW)[0] == 1


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("gone.yaml", "gone.yaml does not exist."),
        ("HEAD:spec/gone.yaml", "is not a file, a URL, or REVISION:PATH of this repository.\ngit:"),
    ],
)
def test_source_that_does_not_exist(drift: Run, source: str, message: str) -> None:
    status, _, errors = drift(source, NEW)
    assert status == 2
    assert message in errors


# -- sources --------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[str]:
    """A local server with a description, a web page and a redirect."""

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
            """Write no log."""

    with HTTPServer(("127.0.0.1", 0), Handler) as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{made.server_port}"
        made.shutdown()
        thread.join()


def test_description_at_a_url(server: str, root: Path) -> None:
    here = read_version(NEW, root)
    for path in ("/api.yaml", "/moved"):
        there = read_version(f"{server}{path}", root)
        assert there.label == "2026-04-15"
        assert compare_versions(here, there) == []


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            "/gone",
            "cannot be fetched: status 404. Download the description yourself and pass the file.",
        ),
        ("/docs", "is a web page, not a description. Use the URL of the file."),
    ],
)
def test_url_without_a_description(server: str, root: Path, path: str, message: str) -> None:
    with pytest.raises(DriftError, match=re.escape(message)):
        read_version(f"{server}{path}", root)


def test_secrets_of_a_url_are_not_shown(server: str, root: Path) -> None:
    address = server.replace("://", "://me:hidden@")
    assert "hidden" not in read_version(f"{address}/api.yaml?key=hidden", root).name
    for path in ("/gone", "/docs"):
        with pytest.raises(DriftError) as caught:
            read_version(f"{address}{path}?key=hidden", root)
        assert "hidden" not in str(caught.value)
        assert f"{server}{path}?... " in str(caught.value)
    with pytest.raises(DriftError, match="The URL of a description is not valid: "):
        read_version("http://[::1/api.yaml", root)


def test_url_without_a_server(root: Path) -> None:
    with pytest.raises(DriftError, match="cannot be fetched: "):
        read_version("http://127.0.0.1:9/api.yaml", root)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"openapi": "3.0.3",}', "is not JSON: "),
        ("openapi: 3.0.3\npaths: {/a: 1, /a: 2}\n", ":2: is not YAML: the key '/a' is given twice"),
        ("- 1\n", ":1: # has no keys at its top level"),
        ("", ":1: # is empty"),
        ("openapi: 3.0.3\npaths: {}\n", "is not valid OpenAPI: #: 'info' is a required property"),
        ("swagger: '2.0'\npaths: {}\n", "but swagger 2.0. Convert it to OpenAPI 3."),
    ],
)
def test_file_without_a_description(tmp_path: Path, root: Path, text: str, message: str) -> None:
    path = tmp_path / "api.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DriftError) as caught:
        read_version(str(path), root)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_json_and_yaml_compare_as_equal(tmp_path: Path, root: Path) -> None:
    path = tmp_path / "api.json"
    path.write_text(json.dumps(DOCUMENTS["cloud"]), encoding="utf-8")
    again = read_version(str(path), root)
    assert compare_versions(Version(DOCUMENTS["cloud"], "yaml"), again) == []


def test_yaml_with_unquoted_statuses(tmp_path: Path, root: Path) -> None:
    path = tmp_path / "api.yaml"
    text = Path(OLD).read_text(encoding="utf-8")
    unquoted = re.sub(r"""^( +)['"](\d{3})['"]:""", r"\1\2:", text, flags=re.MULTILINE)
    assert unquoted != text
    path.write_text(unquoted, encoding="utf-8")
    assert compare_versions(read_version(OLD, root), read_version(str(path), root)) == []


@pytest.mark.parametrize(
    ("location", "value"),
    [
        (("paths", "/v1/jobs", "get", "parameters"), 5),
        (("paths", "/v1/jobs", "get", "security"), 5),
        (("paths", "/v1/jobs", "get", "responses"), [1]),
        (("components", "schemas", "Job", "maxLength"), "many"),
    ],
)
def test_malformed_description_is_not_compared(
    drift: Run, tmp_path: Path, location: tuple[str, ...], value: object
) -> None:
    document = yaml.safe_load(Path(NEW).read_text(encoding="utf-8"))
    inner = document
    for step in location[:-1]:
        inner = inner[step]
    inner[location[-1]] = value
    path = tmp_path / "odd.yaml"
    path.write_text(json.dumps(document), encoding="utf-8")
    status, page, errors = drift(NEW, str(path))
    assert (status, page) == (2, "")
    pointer = "/".join(step.replace("/", "~1") for step in location)
    assert errors.startswith(f"{path} is not valid OpenAPI: #/{pointer}: ")


# -- published descriptions -----------------------------------------------------------------


def published() -> dict[str, object]:
    """Return a description of the same service with other names and stricter bounds."""
    document = yaml.safe_load(Path(NEW).read_text(encoding="utf-8"))
    text = json.dumps(document).replace("job_id", "id").replace('"createJob"', '"create_job"')
    made: dict[str, object] = json.loads(text)
    return made


def test_published_description_contradicts_only_if_a_client_would_fail() -> None:
    ours = Version(DOCUMENTS["platform"], "ours")
    changes = compare_with_published(ours, Version(published(), "theirs"))
    assert not any("renamed" in one.kind for one in changes)
    breaking = [one for one in changes if one.effect is Effect.BREAKING]
    assert len(breaking) < len(changes) / 4
    assert [str(one) for one in breaking if one.kind != "operation removed"] == [
        "create_job request application/json cost: maximum changed (none → 10800)",
        "create_job request application/json session_id: maxLength changed (64 → 36)",
        "getJobResults response 200 text/plain: media type removed",
    ]


def test_upstream_reports_only_what_is_not_known(drift: Run, tmp_path: Path) -> None:
    path = tmp_path / "published.json"
    path.write_text(json.dumps(published()), encoding="utf-8")
    status, page, _ = drift("--upstream", str(path), "platform", "--json", "known.json")
    assert status == 1
    assert "## create_job (`POST /v1/jobs`)" in page
    assert "In our bindings: createJob." in page
    status, page, _ = drift("--upstream", str(path), "platform", "--known", "known.json")
    assert (status, page.splitlines()[2]) == (0, "No difference.")


def body(schema: str) -> dict[str, object]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def test_upstream_changes_are_found_beside_accepted_findings(drift: Run) -> None:
    document = yaml.safe_load(Path(NEW).read_text(encoding="utf-8"))
    ours = json.loads(json.dumps(DOCUMENTS["platform"]["components"]["schemas"]))
    schemas = document["components"]["schemas"] = ours | document["components"]["schemas"]
    reply = document["paths"]["/v1/jobs/{job_id}/results"]["get"]["responses"]["200"]
    reply["content"] = body("JobResults")
    document["paths"]["/v1/sessions"] = {
        "post": {
            "operationId": "createSession",
            "requestBody": {"content": body("SessionRequest")},
            "responses": {"200": {"description": "Created.", "content": body("Session")}},
        }
    }
    modes = schemas["SessionRequest"]["properties"]["mode"]
    modes["enum"] = modes.pop("x-known-values")
    Path("before.json").write_text(json.dumps(document), encoding="utf-8")
    drift("--upstream", "before.json", "platform", "--json", "accepted.json")

    schemas["Job"]["properties"]["status"]["enum"].append("PAUSED")
    schemas["DeviceStatus"]["properties"]["name"]["enum"].append("Paused")
    schemas["JobState"]["properties"]["status"]["enum"].remove("Failed")
    del schemas["Session"]["properties"]["state"]["enum"]
    schemas["BackendStatus"]["properties"]["status"]["enum"] = ["active", "asleep"]
    modes["enum"].remove("batch")
    register = schemas["PlainRegister"]
    register["properties"]["bits"] = register["properties"].pop("samples")
    register["required"] = ["bits", "num_bits"]
    results = document["paths"].pop("/v1/jobs/{job_id}/results")
    results["get"]["operationId"] = "get_job_results_jid"
    document["paths"]["/v2/jobs/{job_id}/results"] = results
    Path("after.json").write_text(json.dumps(document), encoding="utf-8")
    status, page, _ = drift("--upstream", "after.json", "platform", "--known", "accepted.json")

    assert status == 1
    found: dict[str, set[str]] = {}
    for section in page.split("\n## ")[1:]:
        name = section.partition(" ")[0]
        rows = [line.strip("| ") for line in section.splitlines() if line.startswith("| ")][2:]
        found[name] = {row.replace("response 200 application/json ", "") for row in rows}
        assert re.search(r"- Sent at: `ibmq_backend/api/platform/\w+\.py:\d+", section)
        assert UPSTREAM[name][0] in section.partition("- Documented methods: ")[2]
    assert found == {name: rows for name, (_, rows) in UPSTREAM.items()}
    drift("--upstream", "after.json", "platform", "--json", "accepted.json")
    status, page, _ = drift("--upstream", "after.json", "platform", "--known", "accepted.json")
    assert (status, page.splitlines()[2]) == (0, "No difference.")


SESSION_STATE = (
    "compatible | state | values no longer listed | "
    '"active", "closed", "inactive", "open", "pending_closed", "pending_inactive"'
)
UPSTREAM = {
    "listBackends": (
        "`IBMQBackendService.backends`",
        {"breaking | devices[].status.name | known value added | Paused"},
    ),
    "getBackendStatus": (
        "`IBMQBackend.status`",
        {
            "compatible | status | list closed",
            "breaking | status | known value added | asleep",
            "compatible | status | known value removed | internal",
            "compatible | status | known value removed | maintenance",
        },
    ),
    "listJobs": (
        "`IBMQBackend.jobs`",
        {
            "breaking | jobs[].status | known value added | PAUSED",
            "compatible | jobs[].state.status | known value removed | Failed",
        },
    ),
    "getJob": (
        "`IBMQJob.status`",
        {
            "breaking | status | known value added | PAUSED",
            "compatible | state.status | known value removed | Failed",
        },
    ),
    "createSession": (
        "",
        {
            SESSION_STATE,
            "breaking | request application/json mode | known value removed | batch",
        },
    ),
    "getSession": ("", {SESSION_STATE}),
    "get_job_results_jid": (
        "`IBMQJob.result`",
        {
            "breaking |  | path changed | GET /v1/jobs/{job_id}/results → "
            "GET /v2/jobs/{job_id}/results",
            "breaking | results[].data.*.samples | field removed | array (required)",
            "compatible | results[].data.*.bits | field added | array (required)",
        },
    ),
}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--upstream", NEW, "clowd"), "There is no dialect 'clowd'; it is one of classic, plat"),
        ((OLD, NEW, "--known", "gone.json"), "gone.json: cannot be read"),
        ((OLD, NEW, "--known", NEW), "is not a report of changes"),
        ((OLD, NEW, "--json", "no/such/folder.json"), "No such file or directory"),
    ],
)
def test_bad_options_end_with_one_line(drift: Run, options: tuple[str, ...], message: str) -> None:
    status, page, errors = drift(*options)
    assert (status, page, errors.count("\n")) == (2, "", 1)
    assert message in errors


def test_old_and_upstream_exclude_each_other(drift: Run) -> None:
    with pytest.raises(SystemExit, match="2"):
        drift(NEW)
