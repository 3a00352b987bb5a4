"""Text of files that users edit, in the encodings that editors write."""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from pathlib import Path
from typing import Final

_LINE_MARK: Final = re.compile(r"^\ufeff", re.MULTILINE)  # also inside files that were joined


class NotTextError(ValueError):
    """The content of a file is not text; the message does not name the file."""


def read_text(path: Path, *, keep_bytes: bool = False) -> str:
    """Return the text of a file, as :func:`decode_text` does.

    Raises:
        OSError: the file cannot be read.
        NotTextError: it contains something else than text.
    """
    return decode_text(path.read_bytes(), keep_bytes=keep_bytes)


def decode_text(content: bytes, *, keep_bytes: bool = False) -> str:
    """Return a text whose lines end with a line feed, without byte order marks.

    Args:
        content: UTF-8, UTF-16 or UTF-32, with or without a byte order mark. A line that is not
            UTF-8 is read as Latin-1, so that a comment of an old editor spoils nothing else.
        keep_bytes: read what is not UTF-8 as surrogates instead, which no value may contain and
            which the error handler ``surrogateescape`` writes as they were.

    Raises:
        NotTextError: the content is none of these.
    """
    encoding = json.detect_encoding(content)  # by the mark or the null bytes at the beginning
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if not encoding.startswith("utf-8"):
            raise NotTextError(
                f"byte {error.start} is not {encoding.upper()}; save the file as UTF-8"
            ) from None
        lines = content.removeprefix(BOM_UTF8).splitlines(keepends=True)
        text = "".join(_decode_line(line, keep_bytes) for line in lines)
    text = _LINE_MARK.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise NotTextError(f"line {line} contains a null byte; save the file as UTF-8")
    return text


def _decode_line(line: bytes, keep_bytes: bool) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode(errors="surrogateescape") if keep_bytes else line.decode("latin-1")
