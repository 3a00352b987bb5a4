"""Installed packages: exact versions with hashes, and none with a known flaw."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
LISTS = [ROOT / "requirements.lock", *sorted(ROOT.glob("tests/judges/*/requirements.txt"))]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

# The newest version with the flaw, by package.
FLAWED = {
    "certifi": ("2024.6.2", "CVE-2024-39689"),
    "h11": ("0.14.0", "CVE-2025-43859"),
    "idna": ("3.14", "CVE-2026-45409"),
    "ipython": ("8.9.0", "CVE-2023-24816"),
    "numpy": ("1.21.6", "CVE-2021-34141"),
    "pillow": ("12.2.0", "CVE-2026-54058"),
    "pytest": ("9.0.2", "CVE-2025-71176"),
    "pyyaml": ("5.3.1", "CVE-2020-14343"),
    "scipy": ("1.9.3", "CVE-2023-25399"),
    "starlette": ("1.3.0", "GHSA-jp82-jpqv-5vv3"),
    "symengine": ("0.11.0", "CVE-2025-1403"),
    "uv": ("0.9.5", "GHSA-pqhf-p39g-3x64"),
    "uvicorn": ("0.11.6", "CVE-2020-7695"),
    "websockets": ("9.0.2", "CVE-2021-33880"),
}


def entries(path: Path) -> list[tuple[str, list[str]]]:
    """Return the requirements in a file, each with its options."""
    lines = re.sub(r"\\\n", " ", path.read_text()).splitlines()
    stated = [line.split("--") for line in lines if line.strip() and not line.startswith("#")]
    return [(first.strip(), [one.strip() for one in rest]) for first, *rest in stated]


def test_every_judge_has_resolved_requirements() -> None:
    sources = sorted(ROOT.glob("tests/judges/*/requirements.in"))
    assert [one.with_suffix(".txt") for one in sources] == LISTS[1:]
    assert len(sources) == 4


@pytest.mark.parametrize("path", LISTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_requirement_is_exact_and_hashed(path: Path) -> None:
    found = entries(path)
    assert found
    for stated, options in found:
        requirement = Requirement(stated)
        assert requirement.url is None
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), stated
        assert options, f"{stated} has no hash"
        for option in options:
            assert re.fullmatch(r"hash=sha256:[0-9a-f]{64}", option), stated


@pytest.mark.parametrize("path", LISTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_list_names_an_index(path: Path) -> None:
    assert not re.search(r"://|-index|find-links|trusted-host", path.read_text())


def test_every_package_of_prism_is_hashed_and_names_no_registry() -> None:
    text = (ROOT / "tests/judges/prism/package-lock.json").read_text()
    packages = {name: one for name, one in json.loads(text)["packages"].items() if name}
    assert packages
    assert [name for name, one in packages.items() if "sha512-" not in one["integrity"]] == []
    assert '"resolved"' not in text


def test_nothing_is_installed_without_its_hash() -> None:
    names = ("_environment", "_tool_environments")
    script = "".join((ROOT / "scripts" / name).read_text() for name in names)
    installs = re.findall(r"^.*\bpip (?:install|sync)\b.*$", script, re.MULTILINE)
    assert len(installs) == 4
    unchecked = [line for line in installs if "--require-hashes" not in line]
    assert [line for line in unchecked if "--no-deps" not in line or '"$root"' not in line] == []


@pytest.mark.parametrize("package", FLAWED)
def test_no_version_with_a_known_flaw_is_allowed(package: str) -> None:
    extras = PROJECT["optional-dependencies"].values()
    stated = [Requirement(one) for one in sum(extras, PROJECT["dependencies"])]
    bounds = [one.specifier for one in stated if one.name.lower() == package]
    version, flaw = FLAWED[package]
    assert bounds, f"{package} has no bound"
    for bound in bounds:
        assert not bound.contains(version), f"{package} {version} has {flaw}"
