"""Documents of a service that Qiskit's own classes cannot read.

Documents are passed on unchanged, so an error in one is found when Qiskit reads it. Qiskit raises
many kinds of exceptions; here they become one error that names the document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from qiskit.exceptions import QiskitError

from ibmq_backend._errors.causes import shown
from ibmq_backend._secrets.redact import is_clean, redact, text_of
from ibmq_backend.exceptions import IBMQError

__all__ = ["READ_ERRORS", "reading"]

READ_ERRORS: Final[tuple[type[Exception], ...]] = (
    ArithmeticError,
    AttributeError,
    KeyError,
    IndexError,
    NameError,  # Qiskit reads some texts with Python's own parser
    QiskitError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""Exceptions raised by reading a malformed document."""

_MAX_QUOTED_CHARACTERS: Final = 200


@contextmanager
def reading(what: str, raises: Callable[[str], IBMQError]) -> Iterator[None]:
    """Convert exceptions of the block, which reads a document, to one error.

    Args:
        what: name of the document, as the beginning of a sentence.
        raises: class of the error, or a function that creates one from a message.

    Raises:
        IBMQError: the document is malformed; an error created by ``raises``.
    """
    try:
        yield
    except IBMQError:
        raise
    except READ_ERRORS as error:
        said = text_of(error)
        text = redact(f"{type(error).__name__}: {said}")[:_MAX_QUOTED_CHARACTERS]
        cause = shown(error) if is_clean(said) else None
        raise raises(f"{what} is not in the documented form: {text.rstrip('.')}.") from cause
