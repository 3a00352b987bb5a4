"""Who knows the module finds its tests: the folders of the tests are those of the package."""

import ast
from pathlib import Path, PurePosixPath

import grimp
import pytest

import ibmq_backend

PACKAGE = Path(ibmq_backend.__file__).parent
TESTS = Path(__file__).parents[1]

OF_THE_WHOLE = {
    "cassettes",
    "contract",
    "corpus",
    "documented",
    "drift",
    "faults",
    "hostile",
    "project",
    "record",
    "secrets",
    "spec",
    "support",
}
"""Folders of tests that are about no single package, and of what tests use."""

ELSEWHERE = {
    "_compat/job_states.py": "_compat/test_old_utils.py",
    "_errors": "api/test_error_facts.py",
    "_http/client.py": "_http/test_settings.py",
    "_http/timing.py": "_http/test_retry_transport.py",
    "_http/urls.py": "_http/test_settings.py",
    "_secrets/traceback_scrubbing.py": "secrets/test_canaries.py",
    "api/administration.py": "cli/test_administration.py",
    "api/calls.py": "api/test_error_facts.py",
    "api/exactly_once.py": "faults/test_exactly_once.py",
    "api/plain_json.py": "api/test_parsed_once.py",
    "backend/selection.py": "backend/test_backend_details.py",
    "backend/service.py": "account/test_provider.py",
    "backend/variants.py": "account/test_provider.py",
    "credentials/accounts.py": "credentials/test_store.py",
    "emulator/__main__.py": "emulator/http/test_serve.py",
    "emulator/accounts/network.py": "emulator/accounts/test_accounts.py",
    "emulator/classic/dialect.py": "emulator/test_dialects.py",
    "emulator/classic/documents": "emulator/classic/handlers",
    "emulator/classic/handlers/accounts.py": "emulator/accounts/test_accounts.py",
    "emulator/classic/handlers/reservations.py": "emulator/accounts/test_reservations.py",
    "emulator/classic/handlers/storage.py": "emulator/classic/handlers/test_jobs.py",
    "emulator/classic/jobs/kind.py": "emulator/engine/test_dispatcher.py",
    "emulator/classic/state": "emulator/classic/handlers",
    "emulator/core/job_events.py": "emulator/classic/handlers/test_stream.py",
    "emulator/core/raw_json.py": "emulator/checks/test_result_size.py",
    "emulator/devices/instruction_set.py": "emulator/platform/handlers/test_backends.py",
    "emulator/engine/json_file.py": "emulator/checks/test_result_size.py",
    "emulator/engine/worker_isolation.py": "emulator/engine/test_worker_limits.py",
    "emulator/http/log_guard.py": "secrets/test_canaries.py",
    "emulator/platform/dialect.py": "emulator/test_dialects.py",
    "emulator/platform/documents": "emulator/platform/handlers",
    "emulator/platform/filters/workload_lists.py": "emulator/platform/handlers/test_workloads.py",
    "emulator/platform/jobs/kind.py": "emulator/engine/test_dispatcher.py",
    "emulator/platform/state": "emulator/platform/handlers",
    "emulator/pulse/timeline.py": "emulator/simulation/test_pulse_run.py",
    "emulator/simulation": "emulator/engine/test_engine_results.py",
    "emulator/store/jobs.py": "emulator/store/test_job_data.py",
    "emulator/store/queue.py": "emulator/engine/test_dispatcher.py",
    "emulator/store/quotas.py": "emulator/store/test_job_data.py",
    "emulator/wire/exchange.py": "emulator/http/test_app.py",
    "emulator/wire/headers.py": "emulator/http/test_app.py",
    "emulator/wire/routes.py": "emulator/classic/test_binding.py",
    "job/monitor.py": "job/test_jobs_as_they_were.py",
    "managed/set_calls.py": "managed/test_retrieval.py",
    "managed/submitter.py": "managed/test_retrieval.py",
    "models.py": "hostile/test_documents.py",
    "notices.py": "account/test_factory.py",
    "records.py": "project/test_value_objects.py",
    "testing/plugin.py": "testing/test_network_block.py",
    "visualization/graph_drawing.py": "visualization/test_visualization.py",
}
"""Module or package to the tests that hold it, where those are not beside it by its name."""


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


def own_tests(module):
    """The file that is named after a module, or after the package it is in."""
    names = [module.parent / f"test_{module.stem.strip('_')}.py"]
    if len(module.parts) > 1:
        names.append(module.parent.parent / f"test_{module.parent.name}.py")
    return [name for name in names if (TESTS / name).exists()]


def users_beside(module, graph):
    """The modules of the same package that import a module."""
    dotted = ".".join(("ibmq_backend", *module.with_suffix("").parts))
    users = graph.find_modules_that_directly_import(dotted)
    beside = [name for name in users if name.rpartition(".")[0] == dotted.rpartition(".")[0]]
    return [PurePosixPath(*name.split(".")[1:]).with_suffix(".py") for name in beside]


def is_held(module, graph):
    """Whether a module has tests of its name, or is a helper of one beside it that has."""
    return bool(own_tests(module)) or any(map(own_tests, users_beside(module, graph)))


def test_every_folder_of_tests_is_a_package():
    folders = {path.parent.relative_to(TESTS) for path in TESTS.rglob("test_*.py")} - {Path()}
    mirrors = {folder for folder in folders if folder.parts[0] not in OF_THE_WHOLE}
    assert {str(one) for one in mirrors if not (PACKAGE / one / "__init__.py").exists()} == set()


def test_every_module_has_its_tests(graph):
    listed = {PurePosixPath(name) for name in ELSEWHERE}
    missing = [
        str(module)
        for module in MODULES
        if not is_held(module, graph) and listed.isdisjoint([module, *module.parents])
    ]
    assert missing == [], "add tests/<package>/test_<module>.py, or say in ELSEWHERE where they are"


@pytest.mark.parametrize(("where", "tests"), ELSEWHERE.items())
def test_the_list_is_needed_and_right(graph, where, tests):
    named = PurePosixPath(where)
    meant = [module for module in MODULES if named in (module, *module.parents)]
    assert [module for module in meant if not is_held(module, graph)], f"{where} is held beside it"
    assert (TESTS / tests).exists()


def test_a_module_without_tests_is_found(graph):
    assert not is_held(PurePosixPath("emulator/wire/headers.py"), graph)
    assert is_held(PurePosixPath("job/wait.py"), graph)
