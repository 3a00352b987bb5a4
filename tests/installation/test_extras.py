"""The extras: what they need, and what is missing here."""

import sys
import tomllib
from pathlib import Path

import pytest

from ibmq_backend._version import __version__
from ibmq_backend.installation.extras import (
    PURPOSES,
    complete_extras,
    describe_missing,
    find_extra,
    find_extras,
    why_without_aer,
)
from tests.support.installations import install, install_own

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]

REQUIRES = (
    "attrs>=22.2",
    "qiskit-aer<0.15,>=0.13; (python_version < '3.13') and extra == 'local'",
    "uvicorn>=0.35; extra == 'local'",
    'psycopg[binary]>=3.1 ; extra == "postgres"',
    "matplotlib>=3.7; extra == 'visualization'",
    "ibmq-backend[visualization]; extra == 'notebook'",
    "ipywidgets>=8; extra == 'notebook'",
    "vcrpy>=9.4; extra == 'testing'",
)


def test_every_extra_for_users_is_described():
    assert set(PURPOSES) == set(PROJECT["optional-dependencies"]) - {"dev"}


def test_the_requirement_on_itself_allows_this_version():
    (own,) = (one for one in PROJECT["dependencies"] if one.startswith("ibmq-backend"))
    assert own == f"ibmq-backend=={__version__.partition('.')[0]}.*; python_version < '3.11'"


def test_this_environment_has_all_extras():
    assert complete_extras() == tuple(PURPOSES)
    assert all(one.requires and one.is_complete for one in find_extras())


def test_what_is_missing(site, tmp_path):
    install_own(site, {"url": tmp_path.as_uri(), "dir_info": {}}, requires=REQUIRES)
    install(site, "uvicorn", "0.35")
    install(site, "psycopg", "3.2")
    assert find_extra("local").requires == ("qiskit-aer", "uvicorn")
    assert find_extra("local").missing == ("qiskit-aer",)
    assert find_extra("notebook").missing == ("matplotlib", "ipywidgets")
    assert find_extra("postgres").is_complete
    assert find_extra("local").install_command == f"pip install '{tmp_path}[local]'"


def test_a_tool_environment_keeps_its_extras(site, tmp_path):
    install_own(site, {"url": tmp_path.as_uri(), "dir_info": {}}, requires=REQUIRES)
    install(site, "psycopg", "3.2")
    (tmp_path / "uv-receipt.toml").write_text("")
    command = find_extra("visualization").install_command
    assert command == f"uv tool install --force '{tmp_path}[postgres,visualization]'"


def test_the_message_about_a_missing_module(site, tmp_path):
    install_own(site, {"url": tmp_path.as_uri(), "dir_info": {}}, requires=REQUIRES)
    assert describe_missing("The server", "local", "uvicorn") == (
        f"The server needs uvicorn, which is not installed. Run `pip install '{tmp_path}[local]'`."
    )


@pytest.mark.parametrize("module", ["qiskit_aer", None])
def test_a_python_without_aer(site, monkeypatch, module):
    install_own(site, requires=REQUIRES)
    monkeypatch.setattr(sys, "version_info", (3, 13, 0, "final", 0))
    text = describe_missing("The local service", "local", module)
    assert text == f"The local service needs qiskit-aer. {why_without_aer()}"
    assert "Python 3.13" in text
    assert "Python 3.12" in text
    assert "pip install" not in text
    assert find_extra("local").unavailable == why_without_aer()
    # What does exist for this Python is not missing for that reason.
    assert "pip install" in describe_missing("The local service", "local", "uvicorn")
    assert find_extra("visualization").unavailable == ""


def test_a_python_with_aer(site, monkeypatch):
    install_own(site, requires=REQUIRES)
    monkeypatch.setattr(sys, "version_info", (3, 12, 1, "final", 0))
    assert find_extra("local").missing
    assert find_extra("local").unavailable == ""
    assert "needs qiskit-aer, uvicorn" in describe_missing("The local service", "local", None)
