"""Documents of a service that are not in the form that Qiskit's own classes read.

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

__all__ = ["UNREADABLE", "as_described"]

UNREADABLE: Final[tuple[type[Exception], ...]] = (
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

_LONGEST_TEXT: Final = 200  # characters of a foreign text that go into a message


@contextmanager
def as_described(what: str, error_of: Callable[[str], IBMQError]) -> Iterator[None]:
    """Read a document in the block; whatever goes wrong becomes one error.

    Args:
        what: name of the document, as the beginning of a sentence.
        error_of: makes the error from the message.

    Raises:
        IBMQError: what ``error_of`` gives.
    """
    try:
        yield
    except IBMQError:
        raise
    except UNREADABLE as error:
        said = text_of(without_frames(error))
        text = redact(f"{type(error).__name__}: {said}")[:_LONGEST_TEXT]
        cause = error if is_clean(said) else None
        raise error_of(f"{what} is not in the documented form: {text.rstrip('.')}.") from cause
