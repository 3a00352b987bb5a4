"""scripts/regenerate: the committed output is current, and errors stop the command."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from ibmq_backend.emulator.classic._routes import ROUTES
from ibmq_backend.emulator.platform._routes import ROUTES as PLATFORM_ROUTES
from ibmq_backend.emulator.wire.routes import Route
from scripts._regenerate.aliases import render_aliases
from scripts._regenerate.problems import RegenerateError
from tests.support.descriptions import DESCRIBED

ROUTES_FILE = Path("ibmq_backend/emulator/classic/_routes.py")
PLATFORM_ROUTES_FILE = Path("ibmq_backend/emulator/platform/_routes.py")
ROUTES_FILES = (ROUTES_FILE, PLATFORM_ROUTES_FILE)
CLIENT_ALIASES = Path("ibmq_backend/backend/_aliases.py")
EMULATOR_ALIASES = Path("ibmq_backend/emulator/devices/_aliases.py")
MODULES = (*ROUTES_FILES, CLIENT_ALIASES, EMULATOR_ALIASES)
PACKAGE = Path("generated/ibmq_api_classic")
PACKAGES = ("ibmq_api_classic", "ibmq_api_cloud", "ibmq_api_platform")
IGNORE_BYTE_CODE = shutil.ignore_patterns("__pycache__", "*.pyc", "node_modules")

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def tree(root: Path, tmp_path: Path) -> Path:
    """A copy of all files that regenerating needs, which tests may change."""
    copy = tmp_path / "elsewhere"
    for folder in ("spec", "scripts", "generated"):
        shutil.copytree(root / folder, copy / folder, ignore=IGNORE_BYTE_CODE)
    for file in MODULES:
        (copy / file).parent.mkdir(parents=True)
        shutil.copyfile(root / file, copy / file)
    return copy


@pytest.fixture
def regenerate(tree: Path) -> Run:
    """Run the command in the copy."""

    def run(
        *options: str, cwd: Path | None = None, **environment: str
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, str(tree / "scripts/regenerate"), *options],
            cwd=cwd or tree,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_command_can_be_started_by_name(root: Path) -> None:
    assert os.access(root / "scripts/regenerate", os.X_OK)


def test_committed_output_is_what_the_command_makes(regenerate: Run) -> None:
    done = regenerate("--check")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    first, *rest, last = done.stdout.splitlines()
    assert first == "No difference."
    assert [line.split(":")[0] for line in rest] == [
        "ibmq_api_classic",
        "ibmq_api_platform",
        "ibmq_api_cloud",
    ]
    assert rest[0].startswith("ibmq_api_classic: 27 operations, ")
    steps = (
        r"validate \d+\.\d s, generate and format \d+\.\d s, compare \d+\.\d s; \d+\.\d s in total"
    )
    assert re.fullmatch(steps, last)


def test_check_names_every_touched_file_and_writes_nothing(tree: Path, regenerate: Run) -> None:
    edit(tree / PACKAGE / "models/job.py", "class Job:", "class Job:  # mended by hand")
    (tree / PACKAGE / "models/left_over.py").write_text("", encoding="utf-8")
    (tree / PACKAGE / "api/jobs/get_job.py").unlink()
    for file in ROUTES_FILES:
        edit(tree / file, "retry_safe=False", "retry_safe=True")
    for file in (CLIENT_ALIASES, EMULATOR_ALIASES):
        edit(tree / file, '"ibmqx2"', '"ibmqx3"')
    (tree / "generated/ibmq_api_cloud/operations.py").unlink()
    before = contents(tree)
    done = regenerate("--check")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"different: {ROUTES_FILE}",
        f"different: {PLATFORM_ROUTES_FILE}",
        f"different: {CLIENT_ALIASES}",
        f"different: {EMULATOR_ALIASES}",
        f"missing: {PACKAGE}/api/jobs/get_job.py",
        f"stale: {PACKAGE}/models/left_over.py",
        f"different: {PACKAGE}/models/job.py",
        "missing: generated/ibmq_api_cloud/operations.py",
        "Run scripts/regenerate.",
    ]
    assert contents(tree) == before


def test_another_run_elsewhere_is_byte_identical(root: Path, tree: Path, regenerate: Run) -> None:
    shutil.rmtree(tree / "generated")
    for file in MODULES:
        (tree / file).unlink()
    # Settings of a project around it must not shape the output.
    (tree / "pyproject.toml").write_text("[tool.ruff]\nline-length = 40\n", encoding="utf-8")
    done = regenerate(cwd=tree / "spec", PYTHONHASHSEED="4711")
    assert done.returncode == 0, done.stderr
    assert contents(tree / "generated") == contents(root / "generated")
    for file in MODULES:
        assert (tree / file).read_bytes() == (root / file).read_bytes()


def test_changed_descriptions_reach_bindings_routes_aliases_and_lock(
    tree: Path, regenerate: Run
) -> None:
    edit(tree / "spec/classic.yaml", "operationId: getJobsLimit", "operationId: getJobAllowance")
    edit(tree / "spec/platform.yaml", "operationId: getUsage", "operationId: getTimeUsed")
    edit(tree / "spec/cloud.yaml", "operationId: searchInstances", "operationId: findInstances")
    edit(
        tree / "spec/platform.yaml",
        "schema: {type: string, maxLength: 1000}\n      x-set-once: true",
        "schema: {type: string, maxLength: 1000}",
    )
    alias = '\n[[alias]]\nname = "old"\ndevice = "new"\nreason = "a test"\nused_by = ["client"]\n'
    with (tree / "spec/devices.toml").open("a", encoding="utf-8") as file:
        file.write(alias)
    old_lock = tomllib.loads((tree / "spec/lock.toml").read_text(encoding="utf-8"))
    before = contents(tree / PACKAGE)
    done = regenerate()
    assert done.returncode == 0, done.stderr
    generated = tree / "generated"
    after = contents(tree / PACKAGE)
    # Only what the description of a dialect changes is different in its package.
    assert {name for name in before | after if before.get(name) != after.get(name)} == {
        "api/backends/get_job_allowance.py",
        "api/backends/get_jobs_limit.py",
        "operations.py",
    }
    assert "api/backends/get_jobs_limit.py" not in after
    assert (generated / "ibmq_api_platform/api/instances/get_time_used.py").exists()
    assert not (generated / "ibmq_api_platform/api/instances/get_usage.py").exists()
    assert (generated / "ibmq_api_cloud/api/discovery/find_instances.py").exists()
    assert 'operation_id="getJobAllowance"' in (tree / ROUTES_FILE).read_text(encoding="utf-8")
    routes = (tree / PLATFORM_ROUTES_FILE).read_text(encoding="utf-8")
    assert 'operation_id="getTimeUsed"' in routes
    assert 'operation_id="findInstances"' in routes
    # Only a parameter that is not set once for all requests becomes an argument.
    created = (generated / "ibmq_api_platform/api/jobs/create_job.py").read_text(encoding="utf-8")
    assert "x_qx_client_application: str | Unset" in created
    assert "ibm_api_version" not in created
    # An alias reaches the side that uses it.
    assert '    "old": "new",\n' in (tree / CLIENT_ALIASES).read_text(encoding="utf-8")
    assert "old" not in (tree / EMULATOR_ALIASES).read_text(encoding="utf-8").split('"""')[2]
    new_lock = tomllib.loads((tree / "spec/lock.toml").read_text(encoding="utf-8"))
    assert new_lock["specs"] != old_lock["specs"]
    assert sorted(path.name for path in generated.iterdir()) == [*PACKAGES]


def test_faulty_description_stops_the_command_and_changes_nothing(
    tree: Path, regenerate: Run
) -> None:
    spec = tree / "spec/classic.yaml"
    edit(spec, "      summary: Cancel an unfinished job\n", "      summary: {}\n")
    line = spec.read_text(encoding="utf-8").splitlines().index("      summary: {}") + 1
    before = contents(tree)
    done = regenerate()
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"spec/classic.yaml:{line}: #/paths/~1Network~1{{hub}}")
    assert done.stderr.endswith("~1cancel/post/summary {} is not of type 'string'\n")
    assert contents(tree) == before


def test_unknown_limit_is_reported_with_the_output_of_the_generator(
    tree: Path, regenerate: Run
) -> None:
    edit(
        tree / "spec/cloud.yaml",
        "    TokenReply:\n      type: object\n",
        "    TokenReply:\n      allOf:\n        - properties: {expires_in: {type: boolean}}\n"
        "      type: object\n",
    )
    before = contents(tree)
    done = regenerate()
    assert done.returncode == 1
    assert "spec/cloud.yaml: the generator cannot make bindings" in done.stderr
    assert "TokenReply" in done.stderr
    assert "scripts/_regenerate/limits.py" in done.stderr
    assert contents(tree) == before


def test_trying_a_description_does_not_change_the_repository(tree: Path, regenerate: Run) -> None:
    other = tree / "other.yaml"
    shutil.copyfile(tree / "spec/cloud.yaml", other)
    edit(other, "operationId: searchInstances", "operationId: findInstances")
    before = contents(tree)
    done = regenerate("--try", "cloud", str(other), str(tree / "trial"))
    assert (done.returncode, done.stderr) == (0, "")
    made = contents(tree / "trial")
    assert "ibmq_api_cloud/api/discovery/find_instances.py" in made
    assert {name for name in contents(tree) if not name.startswith("trial/")} == before.keys()
    unknown = regenerate("--try", "clowd", str(other), str(tree / "trial"))
    assert unknown.returncode == 1
    assert "'clowd' is not a dialect. Use one of classic, platform, cloud" in unknown.stderr
    gone = regenerate("--try", "cloud", "gone.yaml", str(tree / "trial"))
    assert (gone.returncode, gone.stderr) == (1, f"{tree.name}/gone.yaml does not exist\n")


def test_missing_description_is_named(tree: Path, regenerate: Run) -> None:
    (tree / "spec/platform.yaml").unlink()
    done = regenerate("--check")
    assert done.returncode == 1
    assert done.stderr == "spec/platform.yaml: cannot be read: No such file or directory\n"


def test_an_alias_of_one_side_needs_a_reason(tree: Path, regenerate: Run) -> None:
    with (tree / "spec/devices.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[alias]]\nname = "old"\ndevice = "new"\nused_by = ["client"]\n')
    refused = regenerate()
    assert refused.returncode == 1
    assert "'old' is not used by both sides and needs a 'reason'" in refused.stderr


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('name = "real"', 'name = "ibmq_5_tenerife"', "'ibmq_5_tenerife' is given twice"),
        ('device = "ibmqx1"', "device = 1", "an alias needs 'name' and 'device'"),
        ('used_by = ["client"]', 'used_by = ["server"]', "must be one or more of client, emulator"),
        ("[[alias]]", "[[alias", "cannot be read"),
    ],
)
def test_a_wrong_alias_is_refused(
    tmp_path: Path, root: Path, old: str, new: str, problem: str
) -> None:
    file = tmp_path / "devices.toml"
    shutil.copyfile(root / "spec/devices.toml", file)
    edit(file, old, new)
    with pytest.raises(RegenerateError, match=problem):
        render_aliases(file)


def test_a_missing_file_of_aliases_is_named(tmp_path: Path) -> None:
    with pytest.raises(RegenerateError, match=r"spec/devices\.toml: cannot be read: No such file"):
        render_aliases(tmp_path / "devices.toml")


def test_changed_upstream_template_stops_until_it_is_accepted(tree: Path, regenerate: Run) -> None:
    lock = tree / "spec/lock.toml"
    locked = tomllib.loads(lock.read_text(encoding="utf-8"))
    edit(lock, locked["upstream_templates"]["client.py.jinja"], "0" * 64)
    edit(lock, '"ruff" = "', '"ruff" = "0.')
    edit(lock, '"openapi-python-client" = "', '"openapi-python-client" = "9.')
    done = regenerate("--check")
    assert done.returncode == 1
    assert "templates/client.py.jinja replaces a template that has changed" in done.stderr
    for tool, version in locked["tools"].items():
        wrong = f"{'9' if tool != 'ruff' else '0'}.{version}"
        assert f"{tool} {version} is installed, but lock.toml requires {wrong}" in done.stderr
    assert "Install the locked versions, or run scripts/regenerate --update-lock." in done.stderr
    accepted = regenerate("--update-lock")
    assert accepted.returncode == 0, accepted.stderr
    assert tomllib.loads(lock.read_text(encoding="utf-8")) == locked


def test_template_that_is_not_in_the_lock_stops(tree: Path, regenerate: Run) -> None:
    upstream = tree / "spec/templates/errors.py.jinja"
    upstream.write_text("", encoding="utf-8")
    done = regenerate("--check")
    assert done.returncode == 1
    assert "templates/errors.py.jinja is not in lock.toml" in done.stderr


def test_every_replaced_template_is_locked(root: Path) -> None:
    locked = tomllib.loads((root / "spec/lock.toml").read_text(encoding="utf-8"))
    folder = root / "spec/templates"
    overlays = {path.relative_to(folder).as_posix() for path in folder.rglob("*.jinja")}
    assert locked["upstream_templates"].keys() == overlays


def test_generated_files_name_their_origin(root: Path) -> None:
    files = [*(root / "generated").rglob("*.py"), *(root / file for file in MODULES)]
    assert len(files) > 180
    for path in files:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("# Generated by scripts/regenerate from spec/"), path


@pytest.mark.integration
@pytest.mark.parametrize(
    ("table", "dialects"), [(ROUTES, {"classic"}), (PLATFORM_ROUTES, {"platform", "cloud"})]
)
def test_routes_equal_the_descriptions(table: tuple[Route, ...], dialects: set[str]) -> None:
    expected = {
        (
            one.operation["operationId"],
            one.name,
            one.method.upper(),
            one.path,
            min(int(status) for status in one.operation["responses"]),
            bool(one.operation["security"]),
            one.operation["x-retry-safe"],
            False,  # a stream is no operation
        )
        for one in DESCRIBED
        if one.name in dialects
    }
    assert {tuple(route) for route in table} == expected
    assert len(table) == len(expected)
    assert all(isinstance(route, Route) for route in table)


def test_fixed_segments_are_matched_before_parameters() -> None:
    ids = [route.operation_id for route in ROUTES]
    # /Jobs/status/v/1 also has the shape of /Jobs/{job_id}/v/1.
    assert ids.index("listJobStatuses") < ids.index("getJob")
    # /devices/v/1 and a backend named "v" must not be mixed up either.
    assert ids.index("listBackends") < ids.index("getBackendStatus")


def test_success_status_without_a_body_is_204() -> None:
    found = {route.operation_id for route in PLATFORM_ROUTES if route.success_status == 204}
    changes = {"deleteJob", "cancelJob", "replaceJobTags", "updateSession", "closeSession"}
    assert found == changes
