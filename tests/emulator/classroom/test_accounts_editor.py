"""Changes of an accounts file that a teacher has edited."""

from __future__ import annotations

import re
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ibmq_backend.emulator.accounts.accounts import User
from ibmq_backend.emulator.classroom import accounts_editor
from ibmq_backend.emulator.classroom.accounts_editor import edit_accounts, new_token
from ibmq_backend.emulator.classroom.accounts_file import read_accounts_file
from ibmq_backend.emulator.core.errors import EmulatorError
from tests.support.secret_files import write_secret

TEXT = """\
# mine
admin_token = 'a'    # keep

[[user]]    # the first
name = "ada"
token = "t1"    # since May
limits.ibmq_vigo = 3
# from group B

# not from here
[[user]]
  token = 't"2'
  name = "bob"
  instances = [
    "ibm-q/open/main",
  ]
  [user.limits]
  devices = 2

# slots
[[booking]]
user = "ada"
instance = "ibm-q/open/main"
backend = "ibmq_vigo"
start = 2030-05-04T10:00:00Z
end = 2030-05-04T10:30:00Z

[[booking]]
user = "bob"
instance = "ibm-q/open/main"
backend = "ibmq_rome"
start = 2030-05-04T10:00:00Z
end = 2030-05-04T10:30:00Z
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_secret(tmp_path / "class.toml", TEXT)


def test_added_users_come_last(path: Path) -> None:
    path.write_text(TEXT.rstrip(), encoding="utf-8")
    users = [User('Änne "A" \\ Müller', "t3", "a@b.org"), User("eve", "t4")]
    edit_accounts(path, lambda text: accounts_editor.add_users(text, users))
    assert path.read_text(encoding="utf-8").startswith(TEXT)
    assert read_accounts_file(path).users[2:] == tuple(users)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_removed_user(path: Path) -> None:
    edit_accounts(path, lambda text: accounts_editor.remove_user(text, "bob"))
    file = read_accounts_file(path)
    assert [user.name for user in file.users] == ["ada"]
    assert [booking.user for booking in file.bookings or ()] == ["ada"]
    edit_accounts(path, lambda text: accounts_editor.remove_user(text, "ada"))
    left = path.read_text(encoding="utf-8")
    comments = ["# mine", "# keep", "# from group B", "# not from here", "# slots"]
    assert re.findall("#.*", left) == comments
    assert tomllib.loads(left) == {"admin_token": "a"}


@pytest.mark.parametrize(("name", "line"), [("ada", 'token = "t1"'), ("bob", "token = 't\"2'")])
def test_another_token(path: Path, name: str, line: str) -> None:
    edit_accounts(path, lambda text: accounts_editor.replace_token(text, name, "new-\\one"))
    assert path.read_text(encoding="utf-8") == TEXT.replace(line, 'token = "new-\\\\one"')


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('user = [{name = "ada", token = "t"}]', "change them in an editor"),
        ('[[user]]\nname = "ada"\n"token" = "t"', "change them in an editor"),
        ('[[user]]\nname = "ada"\ntoken = """\n[[user]]"""', "change them in an editor"),
        ('[[user]]\nname = "bob"\ntoken = "t"', "has no user 'ada'"),
    ],
)
def test_what_cannot_be_changed_stays(tmp_path: Path, text: str, says: str) -> None:
    path = write_secret(tmp_path / "class.toml", text)
    with pytest.raises(EmulatorError, match=says):
        edit_accounts(path, lambda text: accounts_editor.replace_token(text, "ada", "new"))
    assert path.read_text(encoding="utf-8") == text


def test_a_change_that_is_not_valid(path: Path) -> None:
    path.write_text(TEXT + '[[platform]]\nname = "x"\nusers = ["bob"]\n', encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(EmulatorError, match="platform 1 is for the unknown user 'bob'"):
        edit_accounts(path, lambda text: accounts_editor.remove_user(text, "bob"))
    assert path.read_bytes() == before


def test_edits_at_the_same_time(path: Path) -> None:
    def change(text: str) -> str:
        if "# saved meanwhile" not in text:
            write_secret(path, f"{text}# saved meanwhile\n")
        return accounts_editor.add_users(text, [User("eve", "t4")])

    edit_accounts(path, change)
    assert path.read_text(encoding="utf-8").startswith(f"{TEXT}# saved meanwhile\n")
    names = [f"user {number}" for number in range(20)]

    def add(name: str) -> None:
        edit_accounts(path, lambda text: accounts_editor.add_users(text, [User(name, name)]))

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(add, names))
    assert sorted(user.name for user in read_accounts_file(path).users[3:]) == sorted(names)


def test_tokens_can_be_typed() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(re.fullmatch("([2-9a-hjkmnp-z]{4}-){5}[2-9a-hjkmnp-z]{4}", one) for one in tokens)
