"""Rosters as spreadsheets export them, and with mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ibmq_backend.emulator.classroom.roster import Student, read_roster
from ibmq_backend.emulator.core.errors import EmulatorError

ADA, BO = Student("Ada Lovelace", "ada@example.org"), Student("Bo Ødegård")


def roster(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "roster.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize(
    "text",
    [
        "Ada Lovelace,ada@example.org|Bo Ødegård,|",
        "Ada Lovelace,ada@example.org|Bo Ødegård",
        "name,email|Ada Lovelace,ada@example.org|Bo Ødegård,|,,|",
        "Group;E-Mail;Name|1;ada@example.org; Ada   Lovelace |2;;Bo Ødegård|;;|",
        '"Ada Lovelace"\tada@example.org\t5|"Bo Ødega\u030ard"\t\t|',
        "|ID,Full Name,Email address|1,Ada\u00a0Lovelace,ada@example.org|2,Bo Ødegård,|",
    ],
)
def test_kinds_of_rosters(tmp_path: Path, text: str, encoding: str, end: str) -> None:
    assert read_roster(roster(tmp_path, text.replace("|", end), encoding)) == [ADA, BO]


def test_names_of_the_world(tmp_path: Path) -> None:
    names = ["Müller, Änne", 'Dwayne "The Rock" J.', "李小龍", "علی\u200cرضا", "O'Neil", "ΣΟΦΙΑ"]
    text = "name\n" + "".join('"' + name.replace('"', '""') + '"\n' for name in names)
    assert [one.name for one in read_roster(roster(tmp_path, text))] == names


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Ada\nBo\nAda\n", "line 3: 'Ada' is on line 1 too"),
        ("name\nAda\n  Ada \n", "line 3: 'Ada' is on line 2 too"),
        ("Ada\nBo\naDa\n", "line 3: 'aDa' is on line 1 too"),
        ('"Ada,\nBo\nCleo\n', "line 4: a quotation mark is missing before this line"),
        ("x" * 200_000, "is not a CSV file: field larger than"),
        ("name,email\n,a@b.org\n", "line 2: the name is empty"),
        ("Ada\n" + "x" * 101 + "\n", "line 2: the name has more than 100 characters"),
        ("Ada\nB\x1b[2Jo\n", r"line 2: the name 'B\x1b[2Jo' contains control characters"),
        ("Ada\nB\u202eo\n", r"line 2: the name 'B\u202eo' contains control characters"),
        ("Lovelace, Ada\n", "line 1: 'Ada' is not an e-mail address; put names with commas in quo"),
        ("Ada,a@b@ c\n", "line 1: 'a@b@ c' is not an e-mail address"),
        ("First name,Last name\nAda,Lovelace\n", "line 1: no column has the title 'name'"),
        ("name,email\n", "it names nobody"),
        ("", "it names nobody"),
        (
            "\n".join("x" * 101 for _ in range(9)),
            "line 5: the name has more than 100 characters; a",
        ),
        ("\n".join("x" * 101 for _ in range(9)), "and 4 more"),
    ],
)
def test_mistakes_name_the_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(EmulatorError) as caught:
        read_roster(roster(tmp_path, text))
    assert says in str(caught.value)
    assert "roster.csv" in str(caught.value)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_other_encodings(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(
        EmulatorError, match=r"line 1 of the roster .* is not UTF-8. Save it in the"
    ):
        read_roster(roster(tmp_path, "Bo Ødegård\n", encoding))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(EmulatorError, match="cannot read the roster .*: No such file"):
        read_roster(tmp_path / "roster.csv")
