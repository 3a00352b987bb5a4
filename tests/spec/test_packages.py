"""The rules of all generated packages: lazy, independent, complete, without set-once headers."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.descriptions import DESCRIBED, NAMES, Described

# package: (an operation, a model it needs, models it must not load)
LAZY = {
    "classic": ("jobs.get_job_status", "job_status", {"hub", "project", "booking", "current_user"}),
    "platform": ("jobs.get_job_logs", "error_reply", {"job", "device", "session", "workload"}),
    "cloud": ("iam.exchange_token", "token_reply", {"search_reply", "catalog_entry"}),
}


def snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def function_of(described: Described) -> Callable[..., Any]:
    operation = described.operation
    module = f"ibmq_api_{described.name}.api.{operation['tags'][0]}"
    operation_module = importlib.import_module(f"{module}.{snake(operation['operationId'])}")
    function: Callable[..., Any] = operation_module.sync_detailed
    return function


@pytest.mark.parametrize("name", NAMES)
def test_importing_one_operation_loads_only_its_models(name: str) -> None:
    module, needed, others = LAZY[name]
    package = f"ibmq_api_{name}"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; import {package}.api.{module}; print([*sys.modules])"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    prefix = f"{package}.models."
    modules = ast.literal_eval(done.stdout)
    loaded = {name.removeprefix(prefix) for name in modules if name.startswith(prefix)}
    assert needed in loaded
    assert not loaded & others
    assert not {"qiskit", "ibmq_backend"} & set(modules)


@pytest.mark.parametrize("name", NAMES)
def test_every_model_is_reachable_from_the_models_package(name: str) -> None:
    models = importlib.import_module(f"ibmq_api_{name}.models")
    names: tuple[str, ...] = models.__all__
    assert len(names) >= 13
    assert set(names) <= set(dir(models))
    for model in names:
        assert getattr(models, model).__name__ == model
    with pytest.raises(AttributeError, match="Nonexistent"):
        vars(models)["__getattr__"]("Nonexistent")


@pytest.mark.parametrize("name", NAMES)
def test_no_model_is_made_for_a_free_document(name: str) -> None:
    names = set(importlib.import_module(f"ibmq_api_{name}.models").__all__)
    free = {"BackendConfiguration", "BackendProperties", "Qobj", "Result", "SamplerInput"}
    assert not names & (free | {"JobResults", "PlainResults", "TypedResults"})


def test_bindings_import_only_attrs_httpx_and_themselves(root: Path) -> None:
    allowed = sys.stdlib_module_names | {"attrs", "httpx"}
    files = list((root / "generated").rglob("*.py"))
    assert len(files) > 150
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            assert {name.split(".")[0] for name in names} <= allowed, path


def test_function_has_the_described_parameters(described: Described) -> None:
    def plain(name: str) -> str:
        return re.sub("[-_]", "", name).lower()

    parameters = [p for p in described.operation["parameters"] if not p.get("x-set-once")]
    body = ["body"] if "requestBody" in described.operation else []
    wanted = {plain(parameter["name"]) for parameter in parameters}
    taken = inspect.signature(function_of(described)).parameters.values()
    assert {plain(parameter.name) for parameter in taken} == {*wanted, *body, "client"}
    needed = {plain(parameter["name"]) for parameter in parameters if parameter.get("required")}
    without_default = {plain(p.name) for p in taken if p.default is inspect.Parameter.empty}
    assert without_default == {*needed, *body, "client"}


@pytest.mark.parametrize("name", NAMES)
def test_operation_table_equals_the_description(name: str) -> None:
    expected = [
        (
            one.operation["operationId"],
            one.method.upper(),
            one.path,
            bool(one.operation["security"]),
            one.operation["x-retry-safe"],
        )
        for one in DESCRIBED
        if one.name == name
    ]
    table = importlib.import_module(f"ibmq_api_{name}.operations").OPERATIONS
    found = [(o.operation_id, o.method, o.path, o.authenticated, o.retry_safe) for o in table]
    assert sorted(found) == sorted(expected)
