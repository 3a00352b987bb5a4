"""Reading a description, with the line of every location in it."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from .problems import RegenerateError


class _UniqueKeyLoader(yaml.SafeLoader):
    """A loader that rejects repeated keys; YAML would silently use the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            _make_text(key_node)
            key = self.construct_object(key_node, deep=True)
            try:
                is_known = key in seen
            except TypeError:
                raise _problem("a key is not text", key_node) from None
            if is_known:
                raise _problem(f"the key {key!r} is given twice", key_node)
            seen.add(key)
        return super().construct_mapping(node, deep)

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        super().flatten_mapping(node)
        for key_node, _ in node.value:
            _make_text(key_node)


class Description(NamedTuple):
    """One description as read from a file.

    Attributes:
        name: the file in messages, for example ``spec/classic.yaml``.
        document: the content, with anchors resolved.
        root: the YAML nodes; ``None`` for a document without a file.
    """

    name: str
    document: dict[str, Any]
    root: yaml.Node | None = None

    def line(self, location: Iterable[object]) -> int | None:
        """Return the line of a location, from 1, or of its nearest parent.

        Args:
            location: keys and indices from the root; the content of an alias is at its anchor.
        """
        if self.root is None:
            return None
        node, mark = self.root, self.root.start_mark
        for step in location:
            found = _step(node, step)
            if found is None:
                break
            mark, node = found
        return int(mark.line) + 1

    def problem(self, location: Iterable[object], text: str) -> str:
        """Return a message with file, line, JSON pointer and text."""
        steps = list(location)
        line = self.line(steps)
        where = self.name if line is None else f"{self.name}:{line}"
        return f"{where}: {pointer(steps)} {text}"


def read_description(path: Path, name: str | None = None) -> Description:
    """Read a YAML or JSON file.

    Args:
        path: the file.
        name: its name in messages; folder and file name by default.

    Raises:
        RegenerateError: the file is missing, is not YAML, or has a key twice; with the line.
    """
    shown = name or path.absolute().relative_to(path.absolute().parent.parent).as_posix()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise RegenerateError(f"{shown} does not exist") from error
    except (OSError, UnicodeDecodeError) as error:
        raise RegenerateError(f"{shown} cannot be read: {error}") from error
    return parse_description(text, shown)


def parse_description(text: str, name: str) -> Description:
    """Read a description from text; see :func:`read_description`."""
    try:
        loader = _UniqueKeyLoader(text)
        root = loader.get_single_node()
        document = None if root is None else loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = "" if mark is None else f":{mark.line + 1}"
        raise RegenerateError(f"{name}{line}: is not YAML: {error.problem}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise RegenerateError(f"{name}: is not YAML: {error}") from error
    if not isinstance(document, dict):
        found = "is empty" if document is None else "has no keys at its top level"
        raise RegenerateError(f"{name}:1: # {found}, so it is not a description")
    return Description(name, document, root)


def pointer(steps: Iterable[object]) -> str:
    """Return a JSON pointer, ``#`` for the root."""
    escaped = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
    return "#" + "".join(f"/{step}" for step in escaped)


def steps_of(reference: str) -> list[str]:
    """Return the steps of a local reference, for example ``#/components/schemas/Job``."""
    parts = reference.removeprefix("#").split("/")[1:]
    return [part.replace("~1", "/").replace("~0", "~") for part in parts]


def at_pointer(document: Mapping[str, Any], reference: str) -> Any:
    """Return the value at a local pointer, for example ``#/components/schemas/Job``.

    Raises:
        KeyError: the pointer is not local or points nowhere.
    """
    if not reference.startswith("#/"):
        raise KeyError(reference)
    value: Any = document
    for part in steps_of(reference):
        if not isinstance(value, dict) or part not in value:
            raise KeyError(reference)
        value = value[part]
    return value


def _step(node: yaml.Node, step: object) -> tuple[yaml.Mark, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark, node.value[step]
    return None


def _make_text(key: yaml.Node) -> None:
    """Make a key text as written: unquoted statuses would be numbers, which JSON does not have."""
    if isinstance(key, yaml.ScalarNode):
        key.tag = "tag:yaml.org,2002:str"


def _problem(text: str, node: yaml.Node) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(None, None, text, node.start_mark)
