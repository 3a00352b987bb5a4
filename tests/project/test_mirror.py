"""The tests mirror the package: tests/<package>/test_<module>.py."""

import ast
from pathlib import Path, PurePosixPath

import grimp
import pytest

import ibmq_backend

PACKAGE = Path(ibmq_backend.__file__).parent
TESTS = Path(__file__).parents[1]

WITHOUT_PACKAGE = {
    "agreement",
    "cassettes",
    "contract",
    "corpus",
    "documented",
    "drift",
    "faults",
    "hostile",
    "judges",
    "project",
    "record",
    "secrets",
    "spec",
    "support",
}
"""Folders that mirror no package."""

ELSEWHERE = {
    "_compat/circuit_methods.py": "_compat/test_adaptations.py",
    "_compat/job_states.py": "_compat/test_old_utils.py",
    "_compat/monitors.py": "_compat/test_adaptations.py",
    "_compat/noise_models.py": "_compat/test_adaptations.py",
    "_compat/notebook_magics.py": "jupyter/test_magics.py",
    "_compat/old_aer/circuit_snapshots.py": "_compat/old_aer/test_snapshots.py",
    "_compat/old_aer/device_noise.py": "_compat/old_aer/test_noise.py",
    "_compat/old_aer/errorutils.py": "_compat/old_aer/test_noise.py",
    "_compat/old_aer/extensions.py": "_compat/old_aer/test_snapshots.py",
    "_compat/qasm_files.py": "test_text_files.py",
    "_compat/renamed_arguments.py": "_compat/test_replacing.py",
    "_errors": "api/test_error_facts.py",
    "_http/client.py": "_http/test_settings.py",
    "_http/timing.py": "_http/test_retry_transport.py",
    "_http/urls.py": "_http/test_settings.py",
    "_secrets/traceback_scrubbing.py": "secrets/test_canaries.py",
    "api/administration.py": "cli/test_administration.py",
    "api/calls.py": "api/test_error_facts.py",
    "api/exactly_once.py": "faults/test_exactly_once.py",
    "api/platform/sessions.py": "contract/test_sessions.py",
    "backend/selection.py": "backend/test_backend_details.py",
    "backend/service.py": "account/test_provider.py",
    "backend/variants.py": "account/test_provider.py",
    "emulator/__main__.py": "emulator/http/test_serve.py",
    "emulator/classic/dialect.py": "emulator/test_dialects.py",
    "emulator/classic/documents": "emulator/classic/handlers",
    "emulator/classic/handlers/accounts.py": "emulator/accounts/test_accounts.py",
    "emulator/classic/handlers/reservations.py": "emulator/accounts/test_reservations.py",
    "emulator/classic/handlers/storage.py": "emulator/classic/handlers/test_jobs.py",
    "emulator/classic/jobs/kind.py": "emulator/engine/test_dispatcher.py",
    "emulator/classic/state": "emulator/classic/handlers",
    "emulator/classroom/class_folder.py": "cli/test_classroom.py",
    "emulator/classroom/handout.py": "cli/test_classroom.py",
    "emulator/core/observer.py": "emulator/monitoring/test_journal.py",
    "emulator/core/raw_json.py": "emulator/checks/test_result_size.py",
    "emulator/core/secret_files.py": "emulator/http/test_serve_tls.py",
    "emulator/devices/instruction_set.py": "emulator/platform/handlers/test_backends.py",
    "emulator/engine/json_file.py": "emulator/checks/test_result_size.py",
    "emulator/engine/worker_isolation.py": "emulator/engine/test_worker_limits.py",
    "emulator/http/log_guard.py": "secrets/test_canaries.py",
    "emulator/monitoring/monitor.py": "emulator/monitoring/test_health.py",
    "emulator/platform/dialect.py": "emulator/test_dialects.py",
    "emulator/platform/documents": "emulator/platform/handlers",
    "emulator/platform/filters/workload_lists.py": "emulator/platform/handlers/test_workloads.py",
    "emulator/platform/jobs/kind.py": "emulator/engine/test_dispatcher.py",
    "emulator/platform/state": "emulator/platform/handlers",
    "emulator/sampler/circuit_loading.py": "emulator/sampler/test_run.py",
    "emulator/sampler/isa.py": "emulator/sampler/test_run.py",
    "emulator/simulation": "emulator/engine/test_engine_results.py",
    "emulator/store/quotas.py": "emulator/store/test_job_data.py",
    "emulator/store/seeds.py": "emulator/store/test_leases.py",
    "emulator/wire/headers.py": "emulator/http/test_app.py",
    "emulator/wire/routes.py": "emulator/classic/test_binding.py",
    "job/monitor.py": "job/test_jobs_as_they_were.py",
    "managed/set_calls.py": "managed/test_retrieval.py",
    "managed/submitter.py": "managed/test_retrieval.py",
    "models.py": "hostile/test_documents.py",
    "records.py": "project/test_value_objects.py",
}
"""The tests of a module or package, where they do not mirror it."""


def has_code(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in tree.body)


MODULES = [
    PurePosixPath(path.relative_to(PACKAGE))
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.name != "__init__.py" and "_dropin" not in path.parts and has_code(path)
]


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph("ibmq_backend", cache_dir=None)


def mirrored_tests(module):
    """Return the tests that are named after a module or after its package."""
    names = [module.parent / f"test_{module.stem.strip('_')}.py"]
    if len(module.parts) > 1:
        names.append(module.parent.parent / f"test_{module.parent.name}.py")
    return [name for name in names if (TESTS / name).exists()]


def importers_in_package(module, graph):
    """Return the modules of the same package that import a module."""
    dotted = ".".join(("ibmq_backend", *module.with_suffix("").parts))
    users = graph.find_modules_that_directly_import(dotted)
    others = [name for name in users if name.rpartition(".")[0] == dotted.rpartition(".")[0]]
    return [PurePosixPath(*name.split(".")[1:]).with_suffix(".py") for name in others]


def has_tests(module, graph):
    """Return whether a module, or a module of its package that imports it, has mirrored tests."""
    return bool(mirrored_tests(module)) or any(
        map(mirrored_tests, importers_in_package(module, graph))
    )


def test_every_folder_mirrors_a_package():
    folders = {path.parent.relative_to(TESTS) for path in TESTS.rglob("test_*.py")} - {Path()}
    mirrors = {folder for folder in folders if folder.parts[0] not in WITHOUT_PACKAGE}
    assert {str(one) for one in mirrors if not (PACKAGE / one / "__init__.py").exists()} == set()


def test_every_module_has_tests(graph):
    listed = {PurePosixPath(name) for name in ELSEWHERE}
    missing = [
        str(module)
        for module in MODULES
        if not has_tests(module, graph) and listed.isdisjoint([module, *module.parents])
    ]
    assert missing == [], "add tests/<package>/test_<module>.py, or a line to ELSEWHERE"


@pytest.mark.parametrize(("where", "tests"), ELSEWHERE.items())
def test_every_line_of_the_list_is_needed_and_right(graph, where, tests):
    named = PurePosixPath(where)
    listed = [module for module in MODULES if named in (module, *module.parents)]
    assert [module for module in listed if not has_tests(module, graph)], (
        f"{where} has mirrored tests"
    )
    assert (TESTS / tests).exists()


def test_a_module_without_tests_is_found(graph):
    assert not has_tests(PurePosixPath("emulator/wire/headers.py"), graph)
    assert has_tests(PurePosixPath("job/wait.py"), graph)
