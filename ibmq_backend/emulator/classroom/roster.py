"""Rosters: CSV files of students, as spreadsheets and learning platforms export them."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ibmq_backend.emulator.core.errors import EmulatorError

MAX_NAME_CHARACTERS: Final = 100
MAX_EMAIL_CHARACTERS: Final = 254
_SHOWN_PROBLEMS: Final = 5

_NAME_TITLES: Final = frozenset({"name", "full name", "student", "user", "username"})
_EMAIL_TITLES: Final = frozenset({"email", "e-mail", "email address", "e-mail address", "mail"})
_OTHER_TITLES: Final = frozenset({"first name", "last name", "surname", "id", "group"})
_JOINERS: Final = frozenset("\u200c\u200d")
"""Invisible characters of Persian and Indian names."""


@dataclass(frozen=True, slots=True)
class Student:
    """A line of a roster; without e-mail address in the roster it is empty."""

    name: str
    email: str = ""


def read_roster(path: Path) -> list[Student]:
    """Read a roster: a CSV file with a name and, optionally, an e-mail address per line.

    Fields are separated by commas, semicolons or tabs. If the first line has titles, the columns
    ``name`` and ``email`` are read; otherwise the first is the name and the second the address.

    Raises:
        EmulatorError: the file cannot be read, or lines are wrong; the message names them.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EmulatorError(f"cannot read the roster {path}: {error.strerror}") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise EmulatorError(
            f"line {line} of the roster {path} is not UTF-8. Save it in the spreadsheet as "
            "'CSV UTF-8 (comma delimited)'"
        ) from None
    try:
        students, problems = _students(text)
    except csv.Error as error:
        raise EmulatorError(f"the roster {path} is not a CSV file: {error}") from error
    if not problems and not students:
        problems = ["it names nobody"]
    if problems:
        shown = "; ".join(problems[:_SHOWN_PROBLEMS])
        more = len(problems) - _SHOWN_PROBLEMS
        rest = f"; and {more} more" if more > 0 else ""
        raise EmulatorError(f"roster {path}: {shown}{rest}")
    return students


def clean_name(text: str) -> str:
    """Return a name in its normal form: composed characters, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def name_key(name: str) -> str:
    """Return what is the same for names that differ in spaces or upper and lower case only."""
    return clean_name(name).casefold()


def describe_problem(name: str) -> str:
    """Return what is wrong with a name in its normal form; empty if it can be used."""
    if not name:
        return "the name is empty"
    if len(name) > MAX_NAME_CHARACTERS:
        return f"the name has more than {MAX_NAME_CHARACTERS} characters"
    if not _is_printable(name):
        return f"the name {name!r} contains control characters"
    return ""


def _is_printable(text: str) -> bool:
    return all(
        one in _JOINERS or not unicodedata.category(one).startswith(("C", "Zl", "Zp"))
        for one in text
    )


def _students(text: str) -> tuple[list[Student], list[str]]:
    students: list[Student] = []
    problems: list[str] = []
    lines: dict[str, int] = {}
    name_at, email_at, has_titles = 0, 1, False
    for line, cells in _rows(text):
        if not lines and not has_titles and not problems:
            titles = [cell.casefold() for cell in cells]
            has_titles = not (_NAME_TITLES | _EMAIL_TITLES | _OTHER_TITLES).isdisjoint(titles)
            if has_titles:
                name_at, email_at = _columns(titles)
                if name_at < 0:
                    problems.append(
                        f"line {line}: no column has the title 'name'; give it to the column that "
                        "tells all students apart"
                    )
                    break
                continue
        name = clean_name(cells[name_at]) if name_at < len(cells) else ""
        email = cells[email_at] if 0 <= email_at < len(cells) else ""
        problem = describe_problem(name) or _describe_email(email)
        if any("\n" in cell for cell in cells):
            problem = "a quotation mark is missing before this line, or one is too many"
        key = name_key(name)
        if not problem and key in lines:
            problem = (
                f"{name!r} is on line {lines[key]} too; add what tells the two apart, or delete "
                "one of the lines"
            )
        if problem:
            problems.append(f"line {line}: {problem}")
        lines.setdefault(key, line)
        students.append(Student(name, email))
    return students, problems


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of the last line and the cells of each row that is not empty."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = next((one for one in ";\t" if one in first), ",")
    # csv would read a lone carriage return inside quotes as it is; old spreadsheets end lines so.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter)
    for cells in reader:
        stripped = [cell.strip() for cell in cells]
        if any(stripped):
            yield reader.line_num, stripped


def _columns(titles: list[str]) -> tuple[int, int]:
    def find(wanted: frozenset[str]) -> int:
        return next((at for at, title in enumerate(titles) if title in wanted), -1)

    return find(_NAME_TITLES), find(_EMAIL_TITLES)


def _describe_email(email: str) -> str:
    local, at, domain = email.partition("@")
    usable = local and at and domain and len(email) <= MAX_EMAIL_CHARACTERS
    if email and not (usable and _is_printable(email) and " " not in email):
        return f"{email[:40]!r} is not an e-mail address; put names with commas in quotes"
    return ""
