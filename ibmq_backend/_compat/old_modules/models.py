"""``qiskit.validation``: documents as objects, without the schemas that checked them."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, TypeVar

from qiskit.exceptions import QiskitError

__path__: list[str] = []
Class = TypeVar("Class", bound=type)


class ModelValidationError(QiskitError):
    """A document was not as its schema says; no longer raised."""


class BaseModel(SimpleNamespace):
    """A document whose entries are attributes.

    Args:
        validate: ignored.
        entries: the entries.
    """

    def __init__(self, validate: bool = True, **entries: Any) -> None:
        del validate
        super().__init__(**entries)

    def __contains__(self, name: object) -> bool:
        return name in vars(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the document as a dictionary, with dictionaries of the documents in it."""
        return {name: _to_plain(value) for name, value in vars(self).items()}

    as_dict = to_dict

    @classmethod
    def from_dict(cls, dict_: dict[str, Any]) -> BaseModel:
        """Return a document with the entries of a dictionary, which stay as they are."""
        return cls(**dict_)


def _to_plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_to_plain(each) for each in value]
    return value.to_dict() if hasattr(value, "to_dict") else value


class Obj(BaseModel):
    """A document with any entries."""


class BaseSchema:
    """Description of a document; not used."""


ObjSchema = BaseSchema


class ModelTypeValidator:
    """Check of one entry; not used."""


def bind_schema(schema: type, **settings: Any) -> Callable[[Class], Class]:
    """Return a decorator that leaves a class as it is."""
    del schema, settings
    return lambda model: model


__all__ = ["BaseModel", "BaseSchema", "ModelTypeValidator", "ModelValidationError", "bind_schema"]
