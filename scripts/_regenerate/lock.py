"""spec/lock.toml: versions and files that the committed bindings were made from."""

import hashlib
import importlib.metadata
import importlib.resources
import tomllib
from pathlib import Path
from typing import Final

from .dialects import DIALECTS
from .problems import RegenerateError

_TOOLS: Final = ("openapi-python-client", "ruff")
_HEADER: Final = (
    "# Written by scripts/regenerate; see spec/templates/README.md.\n"
    "# upstream_templates: sha256 of each template of the generator that spec/templates replaces.\n"
)

Lock = dict[str, dict[str, str]]


def current_lock(spec_folder: Path) -> Lock:
    """Return the lock of this folder and this environment.

    Args:
        spec_folder: the folder spec/.

    Raises:
        RegenerateError: a template has no counterpart in the installed generator, or a description
            is missing.
    """
    upstream = importlib.resources.files("openapi_python_client") / "templates"
    templates: dict[str, str] = {}
    for overlay in sorted((spec_folder / "templates").glob("**/*.jinja")):
        name = overlay.relative_to(spec_folder / "templates").as_posix()
        original = upstream.joinpath(name)
        if not original.is_file():
            raise RegenerateError(f"templates/{name}: the installed generator has no such template")
        templates[name] = _sha256(original.read_bytes())
    return {
        "tools": {name: importlib.metadata.version(name) for name in _TOOLS},
        "specs": {dialect.spec: _digest_of(spec_folder / dialect.spec) for dialect in DIALECTS},
        "upstream_templates": templates,
    }


def _digest_of(spec: Path) -> str:
    try:
        return _sha256(spec.read_bytes())
    except OSError as error:
        raise RegenerateError(f"spec/{spec.name}: cannot be read: {error.strerror}") from error


def read_lock(path: Path) -> Lock:
    """Read spec/lock.toml.

    Raises:
        RegenerateError: the file is missing or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RegenerateError(
            f"{path.name} is missing. Run scripts/regenerate --update-lock."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise RegenerateError(f"{path.name}: {error}") from error


def render_lock(lock: Lock) -> str:
    """Return the text of the lock file."""
    tables = (
        f"\n[{table}]\n" + "".join(f'"{key}" = "{value}"\n' for key, value in sorted(rows.items()))
        for table, rows in lock.items()
    )
    return _HEADER + "".join(tables)


def check_tools(locked: Lock, current: Lock) -> None:
    """Compare the installed tools and the replaced templates with the lock.

    Raises:
        RegenerateError: they differ; the message has one line for each difference.
    """
    problems: list[str] = []
    for name, version in current["tools"].items():
        wanted = locked.get("tools", {}).get(name)
        if wanted != version:
            problems.append(f"{name} {version} is installed, but lock.toml requires {wanted}")
    known = locked.get("upstream_templates", {})
    for name, digest in current["upstream_templates"].items():
        if name not in known:
            problems.append(f"templates/{name} is not in lock.toml")
        elif known[name] != digest:
            problems.append(
                f"templates/{name} replaces a template that has changed in the installed generator;"
                " compare both and apply the change"
            )
    problems.extend(
        f"templates/{name} is in lock.toml but does not exist"
        for name in sorted(known.keys() - current["upstream_templates"].keys())
    )
    if problems:
        advice = "Install the locked versions, or run scripts/regenerate --update-lock."
        raise RegenerateError("\n".join([*problems, advice]))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
