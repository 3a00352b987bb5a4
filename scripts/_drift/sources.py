"""Reading a description from a file, a URL, or an earlier commit."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import httpx
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from scripts._drift.operations import Version
from scripts._drift.problems import DriftError
from scripts._regenerate.problems import RegenerateError
from scripts._regenerate.spec_check import deepest
from scripts._regenerate.spec_source import parse_description, pointer

_MAX_DESCRIPTION_BYTES: Final = 50_000_000
_TIMEOUT: Final = httpx.Timeout(30, connect=10)


def read_version(source: str, root: Path) -> Version:
    """Read a description.

    Args:
        source: a file, an ``http(s)`` URL, or ``REVISION:PATH`` of this repository.
        root: folder of the repository.

    Raises:
        DriftError: the source cannot be read, or is not a description in OpenAPI 3.
    """
    name = source
    if _is_url(source):
        name = url_without_secrets(source)
        text = _fetch(source, name)
    elif not Path(source).exists() and ":" in source:
        text = _of_commit(source, root)
    else:
        text = _of_file(Path(source))
    document = _parsed(text, name)
    _check_form(document, name)
    return Version(document, name)


def _check_form(document: Mapping[str, Any], name: str) -> None:
    version = str(document.get("openapi"))
    if not version.startswith("3."):
        found = f"swagger {document['swagger']}" if "swagger" in document else f"openapi {version}"
        raise DriftError(
            f"{name} is not a description in OpenAPI 3 but {found}. Convert it to OpenAPI 3."
        )
    validator = OpenAPIV30SpecValidator if version.startswith("3.0") else OpenAPIV31SpecValidator
    for error in validator.schema_validator.iter_errors(document):
        inner, reason = deepest(error)
        raise DriftError(f"{name} is not valid OpenAPI: {pointer(inner.absolute_path)}: {reason}")


def url_without_secrets(url: str) -> str:
    """Return a URL without its password and query, for messages and reports."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "..." if parts.query else "", ""))


def _is_url(source: str) -> bool:
    try:
        return urlsplit(source).scheme in ("http", "https")
    except ValueError as error:  # 'http://[::1/x'
        raise DriftError(f"The URL of a description is not valid: {error}.") from error


def _parsed(text: str, name: str) -> dict[str, Any]:
    if text.lstrip().startswith("{"):
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise DriftError(f"{name} is not JSON: {error}") from error
        return dict(document)
    if text.lstrip()[:1] == "<":
        raise DriftError(f"{name} is a web page, not a description. Use the URL of the file.")
    try:
        return parse_description(text, name).document
    except RegenerateError as error:
        raise DriftError(str(error)) from error


def _of_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise DriftError(f"{path} does not exist.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise DriftError(f"{path} cannot be read: {error}") from error


def _of_commit(source: str, root: Path) -> str:
    command = ["git", "show", "--end-of-options", source]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DriftError(
            f"{source} is not a file, a URL, or REVISION:PATH of this repository.\n"
            f"git: {done.stderr.strip()}"
        )
    return done.stdout


def _fetch(url: str, name: str) -> str:
    try:
        with httpx.stream("GET", url, timeout=_TIMEOUT, follow_redirects=True) as reply:
            if reply.status_code != httpx.codes.OK:
                raise DriftError(
                    f"{name} cannot be fetched: status {reply.status_code}. Download the "
                    "description yourself and pass the file."
                )
            content = bytearray()
            for piece in reply.iter_bytes():
                content += piece
                if len(content) > _MAX_DESCRIPTION_BYTES:
                    raise DriftError(
                        f"{name} is larger than {_MAX_DESCRIPTION_BYTES} bytes. Download the "
                        "description yourself and pass the file."
                    )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DriftError(
            f"{name} cannot be fetched: {str(error).rstrip('.')}. Download the description "
            "yourself and pass the file."
        ) from error
    return content.decode("utf-8", errors="replace")
