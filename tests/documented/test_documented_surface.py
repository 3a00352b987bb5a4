"""Every row of docs/documented.toml is true, every error has a row, and the pages are current."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import textwrap
import tomllib
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest

from ibmq_backend import exceptions
from ibmq_backend._errors.hints import BY_CLASS
from tests.support.node_ids import has_test

ROOT = Path(__file__).resolve().parents[2]
THIS = "tests/documented/test_documented_surface.py::test_every_row_is_true"
REQUIRED = {"documented", "here", "since", "test"}
OPTIONAL = {"difference", "bases"}


def rows():
    table = tomllib.loads((ROOT / "docs" / "documented.toml").read_text(encoding="utf-8"))
    return [row for area in table["area"] for row in area["rows"]]


def row(documented, here="ibmq_backend.IBMQJob.result", test=THIS, **more):
    return {"documented": documented, "here": here, "since": "0.8", "test": test, **more}


def problems(row):
    """Yield what is wrong with a row."""
    yield from (f"key {key!r}" for key in REQUIRED ^ (row.keys() - OPTIONAL))
    tests = [row["test"]] if isinstance(row["test"], str) else row["test"]
    if not tests:
        yield "no test is named"
    yield from (f"there is no test {test}" for test in tests if not has_test(ROOT, test))
    difference = row.get("difference", "")
    if not row["here"]:
        if not difference:
            yield "nothing replaces it, and no reason is given"
        return
    try:
        value = resolve(row["here"])
    except LookupError as error:
        yield str(error)
        return
    for name, problem in parameter_problems(row["documented"], value):
        if name.lstrip("*") not in difference:  # a difference must name its parameter
            yield problem
    bases = {cls.__name__ for cls in inspect.getmro(value)} if "bases" in row else set()
    yield from (f"{base} is not a base class" for base in row.get("bases", ()) if base not in bases)


def resolve(path):
    """Return the object at a dotted path; ``None`` for an attribute that only instances have."""
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        try:
            value = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            if inspect.isclass(value) and not hasattr(value, name):
                if name == parts[-1] and name in instance_attributes(value):
                    return None
                raise LookupError(f"{value.__name__} has no {name!r}")
            if not hasattr(value, name):
                raise LookupError(f"{path} stops at {name!r}")
            get = inspect.getattr_static if inspect.isclass(value) else getattr
            value = get(value, name)
        return value
    raise LookupError(f"there is no module {parts[0]!r}")


def instance_attributes(cls):
    """Return the names that the methods of a class and its base classes assign to ``self``."""
    found = set()
    for each in cls.__mro__[:-1]:
        found |= set(getattr(each, "__annotations__", ()))
        try:
            source = textwrap.dedent(inspect.getsource(each))
        except (OSError, TypeError):
            continue
        found |= set(re.findall(r"\bself\.(\w+)(?:: [^=]+)? = ", source))
    return found


def parameter_problems(documented, value):
    """Yield the documented parameters that a function does not accept as documented."""
    signature = re.fullmatch(r"[\w.]+\((.*)\)", documented, re.DOTALL)
    if signature is None:
        return
    if isinstance(value, staticmethod | classmethod):
        value = value.__func__
    if isinstance(value, property):
        value = value.fget
    target = value.__init__ if inspect.isclass(value) else value
    parameters = inspect.signature(target).parameters
    ours = [name for name in parameters if name not in ("self", "cls")]
    takes_any = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
    for position, (name, default) in enumerate(documented_parameters(signature[1])):
        if name.startswith("**"):
            if not takes_any:
                yield name, "no further keywords are accepted"
        elif name.startswith("*"):
            continue
        elif name not in ours:
            yield name, f"parameter {name!r} is not accepted"
        elif ours[position] != name:
            yield name, f"parameter {name!r} is not number {position + 1}"
        elif default is not None and not is_default(default, parameters[name].default):
            yield name, f"the default of {name!r} is {parameters[name].default!r}"


def documented_parameters(text):
    """Return names, with their stars, and defaults of the parameters in a documented signature."""
    parts = [""]
    depth = 0
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    pairs = [part.partition("=") for part in parts if part.strip()]
    return [(name.strip(), default.strip() if equals else None) for name, equals, default in pairs]


def is_default(text, default):
    try:
        return ast.literal_eval(text) == default
    except (ValueError, SyntaxError):
        return True  # a description such as <production address>


def test_every_row_is_true():
    found = [f"{row['documented']}: {problem}" for row in rows() for problem in problems(row)]
    assert found == []
    assert len(rows()) > 440
    assert sum(not row["here"] for row in rows()) <= 3


def test_no_row_is_there_twice():
    table = tomllib.loads((ROOT / "docs" / "documented.toml").read_text(encoding="utf-8"))
    for area in table["area"]:
        names = [row["documented"] for row in area["rows"]]
        assert len(names) == len(set(names)), area["title"]


def test_pages_are_current(monkeypatch):
    loader = SourceFileLoader("docs_command", str(ROOT / "scripts" / "docs"))
    command = module_from_spec(spec_from_loader("docs_command", loader))
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    loader.exec_module(command)
    for path, text in command.pages(ROOT / "docs").items():
        assert path.read_text(encoding="utf-8") == text, "run scripts/docs"


def test_every_error_has_a_row_in_the_hints():
    classes = {
        cls.__name__: cls
        for cls in vars(exceptions).values()
        if inspect.isclass(cls) and cls.__module__ == exceptions.__name__
    }
    assert BY_CLASS.keys() <= classes.keys()
    without = classes.keys() - BY_CLASS.keys()
    assert all(classes[name].__subclasses__() for name in without), without


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (row("x", "ibmq_backend.IBMQJob.no_such"), "IBMQJob has no 'no_such'"),
        (row("x", "ibmq_backend.no_such_module.x"), "stops at 'no_such_module'"),
        (row("x", "no_such_package.x"), "there is no module 'no_such_package'"),
        (row("x", ""), "no reason is given"),
        (row("x", test=[]), "no test is named"),
        (row("x", test="tests/x.py::test_y"), "there is no test tests/x.py"),
        (row("x", test=THIS + "_not"), "test_every_row_is_true_not"),
        (row("x", colour="red"), "key 'colour'"),
        (row("f(speed)"), "parameter 'speed' is not accepted"),
        (row("f(wait)"), "parameter 'wait' is not number 1"),
        (row("f(timeout=5)"), "the default of 'timeout' is None"),
        (row("f(**more)"), "no further keywords"),
        (row("f(speed)", difference="Other."), "parameter 'speed' is not accepted"),
        (row("x", "ibmq_backend.IBMQError", bases=["ValueError"]), "ValueError is not a base"),
    ],
)
def test_wrong_row_is_found(row, problem):
    (found,) = problems(row)
    assert problem in found


def test_difference_allows_the_parameter_that_it_names():
    assert list(problems(row("f(speed)", difference="No speed."))) == []


def test_attributes_of_instances_are_found():
    assert resolve("ibmq_backend.BackendReservation.duration") is None


def test_signature_with_brackets_and_strings_is_parsed():
    assert documented_parameters("a, b=(1, 2), *, c='x', **more") == [
        ("a", None),
        ("b", "(1, 2)"),
        ("*", None),
        ("c", "'x'"),
        ("**more", None),
    ]
