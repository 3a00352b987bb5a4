"""Malformed documents: those of a service that Qiskit's own classes cannot read.

Documents travel as they came; what is wrong with one turns up only when Qiskit reads it, as one of
many exceptions. Here all of them become one error that says which document it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from qiskit.exceptions import QiskitError

from ibmq_backend._secrets.redact import is_clean, redact, text_of
from ibmq_backend._secrets.traceback_scrubbing import without_frames
from ibmq_backend.exceptions import IBMQError

__all__ = ["READ_ERRORS", "reading"]

READ_ERRORS: Final[tuple[type[Exception], ...]] = (
    ArithmeticError,
    AttributeError,
    KeyError,
    IndexError,
    NameError,  # the form is read with Python's own parser in places
    QiskitError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""What reading a document raises that has another form."""

_MAX_CHARACTERS: Final = 200  # of a foreign text that go into a message


@contextmanager
def reading(what: str, raises: Callable[[str], IBMQError]) -> Iterator[None]:
    """Read a document in the block; whatever goes wrong becomes one error.

    Args:
        what: name of the document, as the beginning of a sentence.
        raises: class of the error, or what makes one from a message.

    Raises:
        IBMQError: what ``raises`` gives.
    """
    try:
        yield
    except IBMQError:
        raise
    except READ_ERRORS as error:
        said = text_of(without_frames(error))
        text = redact(f"{type(error).__name__}: {said}")[:_MAX_CHARACTERS]
        cause = error if is_clean(said) else None
        raise raises(f"{what} is not in the documented form: {text.rstrip('.')}.") from cause
