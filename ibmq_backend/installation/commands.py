"""Commands that install this package from where it was installed before."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shlex
import sys
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

DISTRIBUTION: Final = "ibmq-backend"

UNKNOWN_SOURCE: Final = "<path or URL you installed from>"
"""Stands in a command for a source that is not recorded, or that no longer exists."""


class Installer(Enum):
    """The program that manages this environment."""

    PIP = "pip"
    UV = "uv pip"
    UV_TOOL = "uv tool"
    PIPX = "pipx"

    @property
    def replaces_environment(self) -> bool:
        """Whether it replaces the whole environment when it installs again."""
        return self in (Installer.UV_TOOL, Installer.PIPX)


def installer() -> Installer:
    """Return the program that installed this package."""
    prefix = Path(sys.prefix)
    if (prefix / "uv-receipt.toml").is_file():
        return Installer.UV_TOOL
    if (prefix / "pipx_metadata.json").is_file():
        return Installer.PIPX
    if (_recorded("INSTALLER") or "").strip() == "uv":
        return Installer.UV
    return Installer.PIP


def install_command(extras: Iterable[str] = ()) -> str:
    """Return the command that installs this package with extras, quoted for a shell.

    The source is the one recorded when it was installed (``direct_url.json``): no package index has
    this package.
    """
    program = installer()
    option = ""
    if program.replaces_environment:
        option = "--force "
    elif _direct_url().get("dir_info", {}).get("editable"):
        option = "-e "
    names = ",".join(sorted(extras))
    requirement = _requirement(f"[{names}]" if names else "")
    return f"{program.value} install {option}{quote(requirement)}"


def reinstall_command(distributions: Iterable[str], extras: Iterable[str] = ()) -> str:
    """Return one line that removes distributions and this package, and installs it again.

    Removing first matters: distributions that share a folder delete each other's files.
    """
    program = installer()
    if program.replaces_environment:
        removal = f"{program.value} uninstall {DISTRIBUTION}"
    else:
        removal = " ".join(
            [
                f"{program.value} uninstall",
                *(["-y"] if program is Installer.PIP else []),
                *distributions,
                DISTRIBUTION,
            ]
        )
    return f"{removal} && {install_command(extras)}"


def quote(argument: str) -> str:
    """Quote an argument of a command for the shell of this system, if it needs that."""
    if os.name != "nt":
        return shlex.quote(argument)
    return argument if re.fullmatch(r"[\w.:\\/=-]+", argument) else f'"{argument}"'


def _requirement(extras: str) -> str:
    recorded = _direct_url()
    url = recorded.get("url", "")
    if not url:
        return UNKNOWN_SOURCE + extras
    parts = urlsplit(url)
    if parts.scheme == "file" and "vcs_info" not in recorded:
        path = Path(url2pathname(parts.path), recorded.get("subdirectory", ""))
        return f"{path}{extras}" if path.exists() else UNKNOWN_SOURCE + extras
    url = _without_secrets(url)
    vcs = recorded.get("vcs_info")
    if vcs:
        url = f"{vcs['vcs']}+{url}"
        revision = vcs.get("requested_revision")
        url += f"@{revision}" if revision else ""
    subdirectory = recorded.get("subdirectory")
    url += f"#subdirectory={subdirectory}" if subdirectory else ""
    return f"{DISTRIBUTION}{extras} @ {url}"


def _without_secrets(url: str) -> str:
    """Remove the user, unless it is the one of Git over SSH or names environment variables."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    if not at or user == "git" or re.fullmatch(r"(\$\{\w+\}:?)+", user):
        return url
    return parts._replace(netloc=host, query="").geturl()


def _direct_url() -> dict[str, Any]:
    recorded = json.loads(_recorded("direct_url.json") or "{}")
    return recorded if isinstance(recorded, dict) else {}


def _recorded(file: str) -> str | None:
    try:
        return importlib.metadata.distribution(DISTRIBUTION).read_text(file)
    except importlib.metadata.PackageNotFoundError:
        return None
