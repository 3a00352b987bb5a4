"""The accounts file: who may use a server, in which projects, with which bookings.

Nobody else may be able to change it, and nobody outside its group to read it. TOML (or JSON with
the same keys)::

    open = false                      # may any other API token log in too?
    admin_token = "a secret"          # for `ibmq-backend admin`; left out: no administration

    [[project]]                       # beside ibm-q/open/main, which is always there
    instance = "ibm-q-education/uni-1/course"
    default = true
    devices = ["ibmq_vigo", "ibmq_qasm_simulator"]    # left out: all

    [[user]]
    name = "ada"
    token = "an API token"
    email = "ada@example.org"         # optional
    instances = ["ibm-q-education/uni-1/course"]      # left out: all projects
    license_accepted = true           # optional

    [[booking]]
    user = "ada"
    instance = "ibm-q-education/uni-1/course"
    backend = "ibmq_vigo"
    start = 2026-05-04T10:00:00Z      # without an offset: UTC
    end = 2026-05-04T10:30:00Z

    [[platform]]                      # instances of today's dialect; without any: three, open to
    name = "course"                   # everybody, one of each plan
    plan = "open"                     # open, pay-as-you-go or premium; left out: premium
    region = "us-east"                # us-east or eu-de; left out: us-east
    users = ["ada"]                   # left out: everybody
    devices = ["ibm_sherbrooke"]      # left out: all
    limit_seconds = 600               # of device time in 28 days; left out: what the plan says
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from ibmq_backend.emulator.accounts.accounts import User
from ibmq_backend.emulator.accounts.network import Project
from ibmq_backend.emulator.core.clock import parse_moment
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.core.records import Instance
from ibmq_backend.emulator.http.secret_files import check_private
from ibmq_backend.emulator.platform.state.instances import (
    DEFAULT_INSTANCES,
    DEFAULT_REGION,
    PLANS,
    PREMIUM_PLAN,
    ServiceInstance,
)

_T = TypeVar("_T")
_MISSING: Final = object()


@dataclass(frozen=True, slots=True)
class Booking:
    """A time slot for a user: who, through which project, on which backend, from when to when."""

    user: str
    instance: Instance
    backend: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class AccountsFile:
    """What an accounts file says; see the text of this module.

    Attributes:
        users: the users.
        projects: the projects beside ``ibm-q/open/main``.
        bookings: the bookings.
        open_mode: whether other API tokens log in too.
        instances: the instances of today's dialect.
        admin_token: lists and cancels everybody's jobs; None without administration.
    """

    users: tuple[User, ...] = ()
    projects: tuple[Project, ...] = ()
    bookings: tuple[Booking, ...] = ()
    open_mode: bool = False
    instances: tuple[ServiceInstance, ...] = DEFAULT_INSTANCES
    admin_token: str | None = field(default=None, repr=False)


def read_accounts_file(path: Path | str) -> AccountsFile:
    """Read an accounts file, TOML or (by its ending) JSON.

    Raises:
        EmulatorError: it cannot be read, other users of this machine can open it, or something in
            it is not as described; the message names the file and the place, never a token.
    """
    path = Path(path)
    try:
        check_private(path, "the accounts file")
        text = path.read_text(encoding="utf-8")
        content = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise EmulatorError(f"cannot read the accounts file {path}: {error}") from error
    except RecursionError:
        raise EmulatorError(
            f"cannot read the accounts file {path}: it is nested too deeply"
        ) from None
    try:
        keys = {"open", "admin_token", "project", "user", "booking", "platform"}
        return _accounts(_Table(content, "the file", keys))
    except _Wrong as error:
        raise EmulatorError(f"accounts file {path}: {error}") from error


def parse_instance(text: str) -> Instance:
    """Read ``hub/group/project``.

    Raises:
        ValueError: the text has not three parts.
    """
    parts = text.split("/")
    if len(parts) != 3 or not all(parts):
        raise ValueError(f"{text!r} is not of the form hub/group/project")
    return Instance(*parts)


class _Wrong(Exception):
    """What is wrong, and where."""


class _Table:
    """A table of the file whose values are taken out by name and type."""

    def __init__(self, content: Any, place: str, keys: set[str]) -> None:
        if not isinstance(content, Mapping):
            raise _Wrong(f"{place} must be a table")
        unknown = sorted(set(content) - keys)
        if unknown:
            raise _Wrong(f"{place} has the unknown key {unknown[0]!r}; known: {sorted(keys)}")
        self._content = content
        self.place = place

    def get(self, key: str, kind: type[_T], default: Any = _MISSING) -> _T:
        value = self._content.get(key, default)
        if value is _MISSING:
            raise _Wrong(f"{self.place} needs {key!r}")
        if value is default:
            return value  # type: ignore[no-any-return]
        if not isinstance(value, kind):
            raise _Wrong(f"{key!r} of {self.place} must be of type {kind.__name__}")
        return value

    def texts(self, key: str) -> tuple[str, ...] | None:
        values = self.get(key, list, None)
        if values is not None and not all(isinstance(value, str) for value in values):
            raise _Wrong(f"{key!r} of {self.place} must be a list of texts")
        return None if values is None else tuple(values)

    def tables(self, key: str, keys: set[str]) -> list[_Table]:
        tables = self.get(key, list, [])
        return [
            _Table(table, f"{key} {number}", keys) for number, table in enumerate(tables, start=1)
        ]

    def instance(self, text: str) -> Instance:
        try:
            return parse_instance(text)
        except ValueError as error:
            raise _Wrong(f"{self.place}: {error}") from error

    def moment(self, key: str) -> datetime:
        value: Any = self.get(key, object)
        moment = parse_moment(value) if isinstance(value, str) else value
        if not isinstance(moment, datetime):
            raise _Wrong(f"{key!r} of {self.place} must be a date and time")
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
    users = [
        _user(one)
        for one in table.tables("user", {"name", "token", "email", "instances", "license_accepted"})
    ]
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
            raise _Wrong(f"a booking is for the unknown user {booking.user!r}")
    keys = {"name", "plan", "region", "users", "devices", "limit_seconds"}
    instances = [_platform_instance(one, names) for one in table.tables("platform", keys)]
    return AccountsFile(
        tuple(users),
        tuple(projects),
        tuple(bookings),
        table.get("open", bool, False),
        tuple(instances) or DEFAULT_INSTANCES,
        table.get("admin_token", str, None),
    )


def _platform_instance(table: _Table, known: set[str]) -> ServiceInstance:
    plan = table.get("plan", str, PREMIUM_PLAN.name)
    if plan not in PLANS:
        raise _Wrong(f"{table.place} has the unknown plan {plan!r}; known: {sorted(PLANS)}")
    users = table.texts("users")
    for name in users or ():
        if name not in known:
            raise _Wrong(f"{table.place} is for the unknown user {name!r}")
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
    )
