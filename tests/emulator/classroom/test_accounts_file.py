"""The accounts file."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ibmq_backend.emulator.classroom.accounts_file import (
    AccountsFile,
    parse_instance,
    read_accounts_file,
)
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.core.records import Instance
from tests.support.secret_files import write_secret

TEXT = """
admin_token = "secret-of-the-teacher"
[[project]]
instance = "uni/physics/course"
default = true
devices = ["ibmq_vigo"]

[[user]]
name = "ada"
token = "secret-of-ada"
email = "ada@example.org"
instances = ["uni/physics/course"]

[[user]]
name = "bob"
token = "secret-of-bob"
license_accepted = false

[[booking]]
user = "ada"
instance = "uni/physics/course"
backend = "ibmq_vigo"
start = 2026-05-04T10:00:00
end = 2026-05-04T12:30:00+02:00
"""


def write(folder: Path, text: str, name: str = "accounts.toml") -> Path:
    return write_secret(folder / name, text)


def test_a_file_with_all_tables(tmp_path: Path) -> None:
    file = read_accounts_file(write(tmp_path, TEXT))
    ada, bob = file.users
    course = Instance("uni", "physics", "course")
    assert (ada.name, ada.api_token, ada.email) == ("ada", "secret-of-ada", "ada@example.org")
    assert ada.instances == (course,)
    assert ada.license_accepted
    assert bob.instances is None
    assert not bob.license_accepted
    assert file.projects[0].instance == course
    assert file.projects[0].default
    assert file.projects[0].devices == ("ibmq_vigo",)
    assert not file.open_mode
    assert file.admin_token == "secret-of-the-teacher"
    assert "secret" not in repr(file)
    booking = file.bookings[0]
    assert booking.start == datetime(2026, 5, 4, 10, tzinfo=UTC)
    assert booking.end == datetime(2026, 5, 4, 10, 30, tzinfo=UTC)


def test_json_is_equivalent_to_toml(tmp_path: Path) -> None:
    content = {
        "open": True,
        "user": [{"name": "ada", "token": "t"}],
        "booking": [
            {
                "user": "ada",
                "instance": "a/b/c",
                "backend": "x",
                "start": "2026-05-04T10:00:00Z",
                "end": "2026-05-04",
            }
        ],
    }
    file = read_accounts_file(write(tmp_path, json.dumps(content), "accounts.json"))
    assert file.open_mode
    assert file.bookings[0].start == datetime(2026, 5, 4, 10, tzinfo=UTC)
    assert read_accounts_file(write(tmp_path, "{}", "empty.json")) == AccountsFile()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("user = 5", "'user' of the file must be of type list"),
        ("user = [5]", "user 1 must be a table"),
        ("people = []", "unknown key 'people'"),
        ('[[user]]\nname = "a"', "user 1 needs 'token'"),
        ('[[user]]\nname = 5\ntoken = "t"', "'name' of user 1 must be of type str"),
        ('[[user]]\nname = "a"\ntoken = "t"\nage = 5', "unknown key 'age'"),
        ('[[user]]\nname = "a"\ntoken = "t"\ninstances = ["x"]', "hub/group/project"),
        ('[[user]]\nname = "a"\ntoken = "t"\ninstances = [5]', "list of strings"),
        ('[[project]]\ninstance = "a/b"', "project 1: 'a/b'"),
        ("admin_token = 1", "'admin_token' of the file must be of type str"),
        ("open = 1", "'open' of the file must be of type bool"),
        (TEXT.replace('user = "ada"', 'user = "eve"'), "unknown user 'eve'"),
        (TEXT.replace("2026-05-04T10:00:00", '"soon"'), "'start' of booking 1 must be a date"),
        ("= 5", "cannot read"),
    ],
)
def test_errors_name_the_mistake(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(EmulatorError, match=says) as caught:
        read_accounts_file(write(tmp_path, text))
    assert "accounts.toml" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.skipif(os.name != "posix", reason="files have no mode bits here")
@pytest.mark.parametrize("mode", [0o604, 0o602, 0o620, 0o644, 0o660, 0o666])
def test_a_file_open_to_others_is_rejected_with_the_fix(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "my class"
    folder.mkdir()
    path = write(folder, TEXT)
    path.chmod(mode)
    with pytest.raises(EmulatorError, match="other users of this machine") as caught:
        read_accounts_file(path)
    command = str(caught.value).partition("Run: ")[2]
    assert command == f"chmod 600 '{path}'"
    subprocess.run(shlex.split(command), check=True)
    assert len(read_accounts_file(path).users) == 2
    path.chmod(0o640)
    assert len(read_accounts_file(path).users) == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("deep.toml", "user = " + "[" * 5000 + "]" * 5000),
        ("deep.json", '{"user": ' + "[" * 5000 + "]" * 5000 + "}"),
        ("deep.json", "[" * 5000),
    ],
)
def test_a_file_nested_too_deeply(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(EmulatorError, match=rf"cannot read .*{name}: it is nested too deeply"):
        read_accounts_file(write(tmp_path, text, name))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(EmulatorError, match="cannot read the accounts file"):
        read_accounts_file(tmp_path / "none.toml")


def test_instances() -> None:
    assert parse_instance("a/b/c") == Instance("a", "b", "c")
    assert str(Instance("a", "b", "c")) == "a/b/c"
    for text in ("", "a", "a/b", "a/b/c/d", "a//c"):
        with pytest.raises(ValueError, match="hub/group/project"):
            parse_instance(text)


def test_platform_instances(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        '[[user]]\nname = "ada"\ntoken = "t"\n'
        '[[platform]]\nname = "course"\nplan = "open"\nregion = "eu-de"\nusers = ["ada"]\n'
        'devices = ["ibm_oslo"]\nlimit_seconds = 60\n[[platform]]\nname = "all"\n',
    )
    course, everybody = read_accounts_file(file).instances
    assert (course.name, course.plan.name, course.region) == ("course", "open", "eu-de")
    assert (course.users, course.devices) == (("ada",), ("ibm_oslo",))
    assert course.usage_limit_seconds == 60
    assert (everybody.plan.name, everybody.users, everybody.devices) == ("premium", None, None)


@pytest.mark.parametrize(
    ("line", "reason"), [('plan = "gold"', "unknown plan"), ('users = ["bob"]', "unknown user")]
)
def test_invalid_platform_instances(tmp_path: Path, line: str, reason: str) -> None:
    file = write(tmp_path, f'[[platform]]\nname = "a"\n{line}\n')
    with pytest.raises(EmulatorError, match=reason):
        read_accounts_file(file)
