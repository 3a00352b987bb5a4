"""What the code has: names, parameters, first lines of docstrings."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_SIGNATURE = re.compile(r"^[\w.]+\((?P<parameters>.*)\)$", re.DOTALL)
_ATTRIBUTE = re.compile(r"^ {0,8}(?P<names>\w+(?:, \w+)*): (?P<text>.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Found:
    """What a dotted path leads to.

    Attributes:
        value: the object; ``None`` for an attribute that only instances have.
        summary: first line of its docstring, or what its class says of it.
    """

    value: Any
    summary: str


@dataclass(frozen=True)
class Parameter:
    """A documented parameter: its name, stars included, and its default as text."""

    name: str
    default: str | None


def resolve(path: str) -> Found:
    """Return what a dotted path leads to.

    Raises:
        LookupError: it leads nowhere.
    """
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        try:
            value: Any = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        return _walk(value, parts[length:], path)
    raise LookupError(f"there is no module {parts[0]!r}")


def _walk(value: Any, names: list[str], path: str) -> Found:
    for index, name in enumerate(names):
        if inspect.isclass(value) and not hasattr(value, name):
            if index == len(names) - 1 and name in _instance_attributes(value):
                return Found(None, _described(value, name))
            raise LookupError(f"{value.__name__} has no {name!r}")
        if not hasattr(value, name):
            raise LookupError(f"{path} stops at {name!r}")
        value = (
            inspect.getattr_static(value, name) if inspect.isclass(value) else getattr(value, name)
        )
    return Found(value, _first_line(value))


def _instance_attributes(cls: type) -> set[str]:
    """Return the attributes that methods of a class, or of those it stands on, assign."""
    found: set[str] = set()
    for each in cls.__mro__[:-1]:
        found |= set(getattr(each, "__annotations__", ()))
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(each)))
        except (OSError, TypeError, SyntaxError):
            continue
        found |= {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name)
            and node.value.id == "self"
        }
    return found


def _described(cls: type, name: str) -> str:
    for match in _ATTRIBUTE.finditer(inspect.getdoc(cls) or ""):
        if name in match["names"].split(", "):
            return match["text"].replace("``", "`")
    return ""


def _first_line(value: Any) -> str:
    if isinstance(value, staticmethod | classmethod):
        value = value.__func__
    if isinstance(value, property):
        value = value.fget
    if not (inspect.ismodule(value) or inspect.isclass(value) or callable(value)):
        value = type(value)
    if getattr(value, "__module__", "") == "builtins":
        return ""
    text = inspect.getdoc(value) or ""
    return " ".join(text.split("\n\n")[0].replace("``", "`").split())


def documented_parameters(documented: str) -> list[Parameter] | None:
    """Return the parameters of a signature in the table; ``None`` when it is no signature."""
    match = _SIGNATURE.match(documented)
    if match is None:
        return None
    return [
        Parameter(name.strip(), default.strip() if equals else None)
        for part in _split(match["parameters"])
        for name, equals, default in [part.partition("=")]
    ]


def _split(text: str) -> Iterator[str]:
    depth, start = 0, 0
    for index, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            yield text[start:index]
            start = index + 1
    if text[start:].strip():
        yield text[start:]


def signature_problems(value: Any, documented: list[Parameter]) -> Iterator[tuple[str, str]]:
    """Say which documented parameters are not accepted where, and as, they were documented.

    Yields:
        Name of the parameter, and what is wrong with it.
    """
    if isinstance(value, staticmethod | classmethod):
        value = value.__func__
    target = value.__init__ if inspect.isclass(value) else value
    own = [
        each
        for each in inspect.signature(target).parameters.values()
        if each.name not in ("self", "cls")
    ]
    by_name = {each.name: each for each in own}
    takes_any = any(each.kind is each.VAR_KEYWORD for each in own)
    for place, parameter in enumerate(documented):
        name = parameter.name
        ours = by_name.get(name)
        if name.startswith("**"):
            if not takes_any:
                yield name, "no further keywords are accepted"
        elif name.startswith("*"):
            continue
        elif ours is None:
            yield name, f"parameter {name!r} is not accepted"
        elif own[place].name != name:
            yield name, f"parameter {name!r} is not number {place + 1}"
        elif parameter.default is not None and not _same_default(parameter.default, ours.default):
            yield name, f"the default of {name!r} is {ours.default!r}"


def _same_default(text: str, ours: Any) -> bool:
    try:
        return bool(ast.literal_eval(text) == ours)
    except (ValueError, SyntaxError):
        return True  # words such as <production URL> are for the reader
