"""The descriptions as fixtures."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.descriptions import (
    DESCRIBED,
    DOCUMENTS,
    NAMES,
    ROOT,
    Described,
    Problems,
    problem_finder,
)


@pytest.fixture(scope="session")
def root() -> Path:
    """Folder of the repository."""
    return ROOT


@pytest.fixture(params=NAMES)
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    """One description after the other; read only."""
    return DOCUMENTS[request.param]


@pytest.fixture(params=DESCRIBED, ids=str)
def described(request: pytest.FixtureRequest) -> Described:
    """One operation of all descriptions after the other."""
    one = request.param
    assert isinstance(one, Described)
    return one


@pytest.fixture(scope="session")
def problems_in() -> dict[str, Problems]:
    """By description, its function from a schema and a value to what does not fit."""
    return {name: problem_finder(document) for name, document in DOCUMENTS.items()}


@pytest.fixture(scope="session")
def problems(problems_in: dict[str, Problems]) -> Problems:
    """The function of the classic description."""
    return problems_in["classic"]


@pytest.fixture(scope="session")
def classic() -> dict[str, Any]:
    """spec/classic.yaml; read only."""
    return DOCUMENTS["classic"]


@pytest.fixture(scope="session")
def platform() -> dict[str, Any]:
    """spec/platform.yaml; read only."""
    return DOCUMENTS["platform"]


@pytest.fixture(scope="session")
def cloud() -> dict[str, Any]:
    """spec/cloud.yaml; read only."""
    return DOCUMENTS["cloud"]
