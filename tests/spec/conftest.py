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
    """Each description; read only."""
    return DOCUMENTS[request.param]


@pytest.fixture(params=DESCRIBED, ids=str)
def described(request: pytest.FixtureRequest) -> Described:
    """Each operation of all descriptions."""
    one = request.param
    assert isinstance(one, Described)
    return one


@pytest.fixture(scope="session")
def problems_in() -> dict[str, Problems]:
    """By description, the function that returns the problems of a value for a schema."""
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
