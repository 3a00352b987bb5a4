"""The description of the classic service and a validator that follows its x-schema references."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_schema_validator import OAS30Validator

Problems = Callable[[Any, Any], list[str]]


@pytest.fixture(scope="session")
def root() -> Path:
    """Folder of the repository."""
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def classic(root: Path) -> dict[str, Any]:
    """spec/classic.yaml; read only."""
    document = yaml.safe_load((root / "spec/classic.yaml").read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


@pytest.fixture(scope="session")
def problems(classic: dict[str, Any]) -> Problems:
    """Function of a schema and a value: what does not fit, as `place: message` lines."""
    components = _followed(classic["components"])

    def check(schema: Any, value: Any) -> list[str]:
        validator = OAS30Validator({"allOf": [_followed(schema)], "components": components})
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]

    return check


def _followed(value: Any) -> Any:
    if isinstance(value, dict):
        if "x-schema" in value:
            return {"$ref": value["x-schema"]}
        return {key: _followed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_followed(inner) for inner in value]
    return value
