"""The command that installs the package again, from the source that was recorded."""

import shlex

import pytest

from ibmq_backend.installation.commands import (
    Installer,
    install_command,
    installer,
    quote,
    reinstall_command,
)
from tests.support.installations import install_own

GIT = {"vcs": "git", "commit_id": "0123abc"}


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({"url": "{folder}", "dir_info": {}}, ["{path}[local]"]),
        ({"url": "{folder}", "dir_info": {"editable": True}}, ["-e", "{path}[local]"]),
        (
            {"url": "https://example.org/a.tar.gz", "archive_info": {}},
            ["ibmq-backend[local] @ https://example.org/a.tar.gz"],
        ),
        (
            {"url": "https://example.org/a.git", "vcs_info": GIT},
            ["ibmq-backend[local] @ git+https://example.org/a.git"],
        ),
        (
            {
                "url": "ssh://git@example.org/a.git",
                "vcs_info": {**GIT, "requested_revision": "v1"},
                "subdirectory": "python",
            },
            ["ibmq-backend[local] @ git+ssh://git@example.org/a.git@v1#subdirectory=python"],
        ),
        (
            {"url": "{folder}", "vcs_info": GIT},
            ["ibmq-backend[local] @ git+{folder}"],
        ),
        ({"url": "file:///does/not/exist", "dir_info": {}}, ["{unknown}[local]"]),
        (None, ["{unknown}[local]"]),
    ],
)
def test_the_source_is_the_recorded_one(site, tmp_path, source, words):
    folder = tmp_path / "my project's"
    folder.mkdir()
    names = {
        "folder": folder.as_uri(),
        "path": str(folder),
        "unknown": "<path or URL you installed from>",
    }
    if source:
        source["url"] = source["url"].format(**names)
    install_own(site, source)
    expected = ["pip", "install", *(word.format(**names) for word in words)]
    assert shlex.split(install_command({"local"})) == expected


def test_a_wheel_and_several_extras(site, tmp_path):
    wheel = tmp_path / "ibmq_backend-0.1.0-py3-none-any.whl"
    wheel.write_bytes(b"")
    install_own(site, {"url": wheel.as_uri(), "archive_info": {}})
    assert install_command() == f"pip install {wheel}"
    assert install_command({"testing", "local"}) == f"pip install '{wheel}[local,testing]'"


@pytest.mark.parametrize(
    ("user", "shown"),
    [
        ("name:secret@", ""),
        ("secret@", ""),
        ("${TOKEN}@", "${TOKEN}@"),
        ("${NAME}:${TOKEN}@", "${NAME}:${TOKEN}@"),
        ("secret:${TOKEN}@", ""),
    ],
)
def test_passwords_of_the_source_are_not_shown(site, user, shown):
    url = f"https://{user}example.org/a.git"
    install_own(site, {"url": url, "vcs_info": GIT})
    command = install_command()
    assert "secret" not in command
    assert f"git+https://{shown}example.org/a.git" in command


@pytest.mark.parametrize(
    ("file", "program", "install", "removal"),
    [
        (None, Installer.PIP, "pip install ", "pip uninstall -y qiskit ibmq-backend && "),
        ("INSTALLER", Installer.UV, "uv pip install ", "uv pip uninstall qiskit ibmq-backend && "),
        (
            "uv-receipt.toml",
            Installer.UV_TOOL,
            "uv tool install --force ",
            "uv tool uninstall ibmq-backend && ",
        ),
        (
            "pipx_metadata.json",
            Installer.PIPX,
            "pipx install --force ",
            "pipx uninstall ibmq-backend && ",
        ),
    ],
)
def test_the_program_is_the_one_that_installed(site, tmp_path, file, program, install, removal):
    recorded = {"INSTALLER": "uv\n"} if file in ("INSTALLER", "uv-receipt.toml") else {}
    install_own(site, {"url": tmp_path.as_uri(), "dir_info": {}}, recorded=recorded)
    if file and file != "INSTALLER":
        (tmp_path / file).write_text("")
    assert installer() is program
    assert install_command() == f"{install}{tmp_path}"
    assert reinstall_command(["qiskit"]) == f"{removal}{install}{tmp_path}"


def test_quotes_of_another_system(monkeypatch):
    monkeypatch.setattr("os.name", "nt")
    assert quote("C:\\work\\main") == "C:\\work\\main"
    assert quote("C:\\my work[local]") == '"C:\\my work[local]"'
