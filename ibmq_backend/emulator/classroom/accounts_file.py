"""The accounts file: the users of a server, their projects, limits and bookings.

The file must not be writable by other users or readable outside its group. It is TOML, or JSON with
the same keys; docs/class.md describes each of them::

    open = false                      # whether any other API token logs in too
    admin_token = "a secret"          # for `ibmq-backend admin`; default: no administration

    [class]
    name = "Physics 101"              # title of the handout
    url = "https://lab.example.org:8000"    # address of the server, in the handout
    ends = 2026-07-31                 # last day of logins and new jobs; default: none

    [limits]                          # unfinished jobs of a user on a device
    devices = 5                       # default: 5
    simulators = -1                   # -1: no limit; default: -1
    ibmq_vigo = 1                     # one device

    [[project]]                       # in addition to ibm-q/open/main
    instance = "ibm-q-education/uni-1/course"
    default = true
    devices = ["ibmq_vigo", "ibmq_qasm_simulator"]    # default: all

    [[user]]
    name = "ada"
    token = "an API token"
    email = "ada@example.org"         # optional
    instances = ["ibm-q-education/uni-1/course"]      # default: all projects
    license_accepted = true           # optional
    limits = { ibmq_vigo = 10 }       # instead of those of all users

    [[booking]]
    user = "ada"
    instance = "ibm-q-education/uni-1/course"
    backend = "ibmq_vigo"
    start = 2026-05-04T10:00:00Z      # without an offset: UTC
    end = 2026-05-04T10:30:00Z

    [[platform]]                      # instance of the platform dialect; default: one instance of
    name = "course"                   # each plan, open to all users
    plan = "open"                     # open, pay-as-you-go or premium; default: premium
    region = "us-east"                # us-east or eu-de; default: us-east
    users = ["ada"]                   # default: all
    devices = ["ibm_sherbrooke"]      # default: all
    limit_seconds = 600               # device time in 28 days; default: the limit of the plan
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from ibmq_backend.emulator.accounts.accounts import User
from ibmq_backend.emulator.accounts.network import Project
from ibmq_backend.emulator.core.clock import parse_moment
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.core.records import Instance
from ibmq_backend.emulator.core.secret_files import check_private
from ibmq_backend.emulator.platform.state.instances import (
    DEFAULT_INSTANCES,
    DEFAULT_REGION,
    PLANS,
    PREMIUM_PLAN,
    ServiceInstance,
)
from ibmq_backend.text_files import read_text

_T = TypeVar("_T")
DEFAULT_URL: Final = "http://127.0.0.1:8000"
_MISSING: Final = object()
_TABLES: Final = {
    "open",
    "admin_token",
    "class",
    "limits",
    "project",
    "user",
    "booking",
    "platform",
}
_USER_KEYS: Final = {"name", "token", "email", "instances", "license_accepted", "limits"}


@dataclass(frozen=True, slots=True)
class Booking:
    """A time slot of a user on a backend."""

    user: str
    instance: Instance
    backend: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class AccountsFile:
    """The content of an accounts file.

    Attributes:
        users: the users.
        projects: the projects in addition to ``ibm-q/open/main``.
        bookings: the bookings; None leaves those in the database as they are.
        open_mode: whether other API tokens log in too.
        instances: the instances of the platform dialect.
        admin_token: token of the administration; None without administration.
        name: name of the class; empty without one.
        url: address of the server in the handout, without path.
        last_day: last day of logins and new jobs; None without an end.
        limits: job limits of all users; see
            :class:`~ibmq_backend.emulator.accounts.accounts.Account`.
        path: the file; None for users that are not from a file.
    """

    users: tuple[User, ...] = ()
    projects: tuple[Project, ...] = ()
    bookings: tuple[Booking, ...] | None = ()
    open_mode: bool = False
    instances: tuple[ServiceInstance, ...] = DEFAULT_INSTANCES
    admin_token: str | None = field(default=None, repr=False)
    name: str = ""
    url: str = DEFAULT_URL
    last_day: date | None = None
    limits: Mapping[str, int] = field(default_factory=dict)
    path: Path | None = field(default=None, compare=False)


def read_accounts_file(path: Path | str) -> AccountsFile:
    """Read an accounts file: JSON if its name ends in ``.json``, otherwise TOML.

    Raises:
        EmulatorError: the file cannot be read, is open to other users of this machine, or has
            invalid content; the message names the file and the table, but no token.
    """
    path = Path(path)
    try:
        check_private(path, "the accounts file")
        text = read_text(path)
    except OSError as error:
        raise EmulatorError(f"cannot read the accounts file {path}: {error.strerror}") from error
    except ValueError as error:
        raise EmulatorError(f"cannot read the accounts file {path}: {error}") from error
    return parse_accounts(text, path)


def parse_accounts(text: str, path: Path) -> AccountsFile:
    """Return the content of an accounts file.

    Args:
        text: TOML, or JSON if the name of the file ends in ``.json``.
        path: the file, for error messages.

    Raises:
        EmulatorError: the content is invalid; the message names the file and the table, but no
            token.
    """
    if not text.strip():  # some editors leave this on a full disk
        raise EmulatorError(f"the accounts file {path} is empty")
    try:
        content = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except ValueError as error:
        raise EmulatorError(f"cannot read the accounts file {path}: {error}") from error
    except RecursionError:
        raise EmulatorError(
            f"cannot read the accounts file {path}: it is nested too deeply"
        ) from None
    try:
        return replace(_accounts(_Table(content, "the file", _TABLES)), path=path)
    except _InvalidFileError as error:
        raise EmulatorError(f"accounts file {path}: {error}") from error


def parse_instance(text: str) -> Instance:
    """Parse ``hub/group/project``.

    Raises:
        ValueError: the text does not have three parts.
    """
    parts = text.split("/")
    if len(parts) != 3 or not all(parts):
        raise ValueError(f"{text!r} does not have the form hub/group/project")
    return Instance(*parts)


def parse_url(text: str) -> str:
    """Return the address of a server without a slash at its end.

    Raises:
        ValueError: the text is not an address, or has a path.
    """
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or f"{parts.scheme}://{parts.netloc}" != text.rstrip("/") or "@" in text:
        raise ValueError(
            f"{text!r} is not the address of a server: write https://lab.example.org:8000"
        )
    return text.rstrip("/")


class _InvalidFileError(Exception):
    pass


class _Table:
    """A table of the file, with typed access to its values."""

    def __init__(self, content: Any, location: str, keys: set[str]) -> None:
        if not isinstance(content, Mapping):
            raise _InvalidFileError(f"{location} must be a table")
        unknown = sorted(set(content) - keys)
        if unknown:
            raise _InvalidFileError(
                f"{location} has the unknown key {unknown[0]!r}; use one of {sorted(keys)}"
            )
        self._content = content
        self.location = location

    def get(self, key: str, kind: type[_T], default: Any = _MISSING) -> _T:
        value = self._content.get(key, default)
        if value is _MISSING:
            raise _InvalidFileError(f"{self.location} needs {key!r}")
        if value is default:
            return value  # type: ignore[no-any-return]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise _InvalidFileError(f"{key!r} of {self.location} must be of type {kind.__name__}")
        return value

    def texts(self, key: str) -> tuple[str, ...] | None:
        values = self.get(key, list, None)
        if values is not None and not all(isinstance(value, str) for value in values):
            raise _InvalidFileError(f"{key!r} of {self.location} must be a list of strings")
        return None if values is None else tuple(values)

    def table(self, key: str, keys: set[str]) -> _Table:
        return _Table(self.get(key, object, {}), f"the table {key!r}", keys)

    def tables(self, key: str, keys: set[str]) -> list[_Table]:
        tables = self.get(key, list, [])
        return [
            _Table(table, f"{key} {number}", keys) for number, table in enumerate(tables, start=1)
        ]

    def instance(self, text: str) -> Instance:
        try:
            return parse_instance(text)
        except ValueError as error:
            raise _InvalidFileError(f"{self.location}: {error}") from error

    def limits(self) -> Mapping[str, int]:
        """Return the numbers of a table with any keys, which the server compares with devices."""
        location = f"'limits' of {self.location}"
        found = self.get("limits", Mapping, {})  # type: ignore[type-abstract]
        for key, value in found.items():
            if not isinstance(value, int) or isinstance(value, bool) or value < -1:
                raise _InvalidFileError(
                    f"{key!r} in {location} must be a number of jobs, or -1 for no limit"
                )
        return dict(found)

    def url(self, key: str) -> str:
        try:
            return parse_url(self.get(key, str, DEFAULT_URL))
        except ValueError as error:
            raise _InvalidFileError(f"{key!r} of {self.location}: {error}") from error

    def day(self, key: str) -> date | None:
        value: Any = self.get(key, object, None)
        with suppress(ValueError, TypeError):
            value = date.fromisoformat(value)
        if value is not None and (isinstance(value, datetime) or not isinstance(value, date)):
            raise _InvalidFileError(
                f"{key!r} of {self.location} must be a date such as 2026-07-31, without a time"
            )
        return value

    def moment(self, key: str) -> datetime:
        value: Any = self.get(key, object)
        moment = parse_moment(value) if isinstance(value, str) else value
        if not isinstance(moment, datetime):
            raise _InvalidFileError(f"{key!r} of {self.location} must be a date and time")
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _accounts(table: _Table) -> AccountsFile:
    projects = [
        Project(
            one.instance(one.get("instance", str)),
            default=one.get("default", bool, False),
            devices=one.texts("devices"),
        )
        for one in table.tables("project", {"instance", "default", "devices"})
    ]
    users = [_user(one) for one in table.tables("user", _USER_KEYS)]
    about = table.table("class", {"name", "url", "ends"})
    bookings = [
        Booking(
            user=one.get("user", str),
            instance=one.instance(one.get("instance", str)),
            backend=one.get("backend", str),
            start=one.moment("start"),
            end=one.moment("end"),
        )
        for one in table.tables("booking", {"user", "instance", "backend", "start", "end"})
    ]
    names = {user.name for user in users}
    for booking in bookings:
        if booking.user not in names:
            raise _InvalidFileError(f"a booking is for the unknown user {booking.user!r}")
    keys = {"name", "plan", "region", "users", "devices", "limit_seconds"}
    instances = [_platform_instance(one, names) for one in table.tables("platform", keys)]
    return AccountsFile(
        tuple(users),
        tuple(projects),
        tuple(bookings),
        table.get("open", bool, False),
        tuple(instances) or DEFAULT_INSTANCES,
        table.get("admin_token", str, None),
        about.get("name", str, ""),
        about.url("url"),
        about.day("ends"),
        table.limits(),
    )


def _platform_instance(table: _Table, known: set[str]) -> ServiceInstance:
    plan = table.get("plan", str, PREMIUM_PLAN.name)
    if plan not in PLANS:
        raise _InvalidFileError(
            f"{table.location} has the unknown plan {plan!r}; use one of {sorted(PLANS)}"
        )
    users = table.texts("users")
    for name in users or ():
        if name not in known:
            raise _InvalidFileError(f"{table.location} is for the unknown user {name!r}")
    return ServiceInstance(
        name=table.get("name", str),
        plan=PLANS[plan],
        region=table.get("region", str, DEFAULT_REGION),
        users=users,
        devices=table.texts("devices"),
        usage_limit_seconds=table.get("limit_seconds", int, None),
    )


def _user(table: _Table) -> User:
    instances = table.texts("instances")
    return User(
        name=table.get("name", str),
        api_token=table.get("token", str),
        email=table.get("email", str, ""),
        instances=None if instances is None else tuple(map(table.instance, instances)),
        license_accepted=table.get("license_accepted", bool, True),
        limits=table.limits(),
    )
