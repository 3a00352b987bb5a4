"""Template overlays that the present descriptions do not exercise: enumerations stay open."""

import importlib
import json
import os
import pickle
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

SMALL_SPEC = {
    "openapi": "3.0.3",
    "info": {"title": "small", "version": "1"},
    "paths": {
        "/thing": {
            "get": {
                "operationId": "getThing",
                "tags": ["things"],
                "responses": {
                    "200": {
                        "description": "A thing.",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}
                        },
                    }
                },
            }
        }
    },
    "components": {
        "schemas": {
            "State": {"type": "string", "enum": ["Queued", "Running"]},
            "Thing": {
                "type": "object",
                "required": ["state"],
                "properties": {"state": {"$ref": "#/components/schemas/State"}},
            },
        }
    },
}


@pytest.fixture
def models(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Models of a small description, generated with the project's templates."""
    description = tmp_path / "small.json"
    description.write_text(json.dumps(SMALL_SPEC), encoding="utf-8")
    scripts = sysconfig.get_path("scripts")
    subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"),
            *("--path", str(description), "--output-path", str(tmp_path / "small_bindings")),
            *("--config", str(root / "spec/generator.yaml"), "--fail-on-warning"),
            *("--custom-template-path", str(root / "spec/templates")),
        ],
        env={**os.environ, "PATH": os.pathsep.join([scripts, os.environ["PATH"]])},
        check=True,
        capture_output=True,
        timeout=120,
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("small_bindings.models")
    for name in [name for name in sys.modules if name.split(".")[0] == "small_bindings"]:
        del sys.modules[name]


def test_unknown_enumeration_value_is_kept(models: ModuleType) -> None:
    thing = models.Thing.from_dict({"state": "Paused"})
    assert thing.state == "Paused"
    assert thing.state.name == "UNKNOWN"
    assert thing.to_dict() == {"state": "Paused"}
    assert pickle.loads(pickle.dumps(thing.state)) == "Paused"
    assert models.Thing.from_dict({"state": "Queued"}).state is models.State.QUEUED
    assert list(models.State) == ["Queued", "Running"]
    with pytest.raises(ValueError):
        models.State(7)
