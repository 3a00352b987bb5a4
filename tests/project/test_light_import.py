"""Importing the package loads no large library."""

import subprocess
import sys

import pytest

HEAVY = (
    "qiskit",
    "httpx",
    "ibmq_api_classic",
    "starlette",
    "uvicorn",
    "sqlalchemy",
    "numpy",
    "rich",
)


@pytest.mark.parametrize(
    "statement",
    ["import ibmq_backend", "import ibmq_backend.cli.__main__", "dir(__import__('ibmq_backend'))"],
)
def test_nothing_heavy_is_loaded(statement):
    code = f"{statement}\nimport sys\nprint([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


def test_every_public_name_exists():
    import ibmq_backend

    assert sorted(ibmq_backend.__all__) == sorted(ibmq_backend._HOMES)
    for name in ibmq_backend.__all__:
        value = getattr(ibmq_backend, name)
        assert getattr(value, "__name__", name) in (name, "IBMQ") or name == "IBMQ"
    with pytest.raises(AttributeError, match="nothing_like_this"):
        ibmq_backend.nothing_like_this
