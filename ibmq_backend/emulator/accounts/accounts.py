"""Users, their API tokens, and the access tokens that a login returns."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from sqlalchemy import bindparam, delete, insert, select

from ibmq_backend.emulator.core.clock import Clock, milliseconds
from ibmq_backend.emulator.core.errors import (
    ClassEnded,
    EmulatorError,
    LicenseNotAccepted,
    NotLoggedIn,
    UnknownToken,
)
from ibmq_backend.emulator.core.records import Instance
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.schema import access_tokens
from ibmq_backend.emulator.store.statements import Statement

TOKEN_SECONDS: Final = 1_209_600
"""Default lifetime of an access token: two weeks."""

_TOKEN: Final = Statement(
    select(access_tokens.c.user_id, access_tokens.c.expires_ms).where(
        access_tokens.c.digest == bindparam("digest")
    )
)
_LONGEST_API_TOKEN: Final = 4096
_STAMP_CHARACTERS: Final = 16
_ADMIN_ID: Final = "admin"
"""The user id of the administrator's sessions; ids of users are hexadecimal."""

_HEADER_TOKEN: Final = re.compile("[!-~]+")


@dataclass(frozen=True, slots=True)
class User:
    """A configured user.

    Attributes:
        name: name of the user; it identifies the user, so the token may change.
        api_token: token that the user logs in with.
        email: e-mail address shown by ``getCurrentUser``.
        instances: projects open to the user; None for all.
        license_accepted: whether the user has accepted the licence; otherwise the login fails.
        limits: job limits that differ from those of the class; see :class:`Account`.
    """

    name: str
    api_token: str = field(repr=False)
    email: str = ""
    instances: tuple[Instance, ...] | None = None
    license_accepted: bool = True
    limits: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Account:
    """The user who sends a request.

    Attributes:
        user_id: 24 hex characters, which depend on the name and the database.
        name: display name.
        email: e-mail address; generated when none is configured.
        instances: projects open to the user; None for all.
        limits: largest numbers of unfinished jobs on a device, in all projects and instances
            together, by the name of a device, or ``devices`` or ``simulators`` for all others; -1
            for no limit. Devices without an entry have the limit of the service.
    """

    user_id: str
    name: str
    email: str
    instances: tuple[Instance, ...] | None = None
    limits: Mapping[str, int] = field(default_factory=dict)

    def job_limit(self, device: Device) -> int | None:
        """Return the entry of ``limits`` for a device; None without one."""
        kind = "simulators" if device.simulator else "devices"
        return self.limits.get(device.name, self.limits.get(kind))


@dataclass(frozen=True, slots=True)
class Login:
    """The result of a login: the access token, its user, its creation time and its lifetime."""

    access_token: str = field(repr=False)
    user_id: str
    created_ms: int
    ttl_seconds: int


@dataclass(frozen=True, slots=True)
class Directory:
    """All users at one time; :meth:`Accounts.create_directory` checks and creates one.

    Attributes:
        by_token: users by the digests of their API tokens.
        by_id: users by their ids.
        admin_digest: digest of the admin token; None without administration.
        open_mode: whether any API token logs in, as a separate user.
        limits: job limits of all users; see :class:`Account`.
        last_day: last day on which users log in and submit jobs, in the time zone of the server;
            None without an end.
    """

    by_token: Mapping[str, User] = field(repr=False)
    by_id: Mapping[str, User]
    admin_digest: str | None = field(default=None, repr=False)
    open_mode: bool = False
    limits: Mapping[str, int] = field(default_factory=dict)
    last_day: date | None = None


class Accounts:
    """The users of one service.

    Every operation reads :attr:`directory` once, so it can be replaced while the service runs.

    Args:
        store: database with the digests of the access tokens.
        clock: clock of the service.
        users: configured users.
        open_mode: whether any API token logs in, as a separate user.
        ttl_seconds: lifetime of an access token.

    Attributes:
        directory: the present users.

    Raises:
        EmulatorError: two users have the same name or token, or a token is empty.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        users: Iterable[User] = (),
        *,
        open_mode: bool = False,
        ttl_seconds: int = TOKEN_SECONDS,
    ) -> None:
        self._store = store
        self._clock = clock
        self.ttl_seconds = ttl_seconds
        self.directory = self.create_directory(users, open_mode=open_mode)

    def create_directory(
        self,
        users: Iterable[User],
        *,
        open_mode: bool = False,
        admin_token: str | None = None,
        limits: Mapping[str, int] | None = None,
        last_day: date | None = None,
    ) -> Directory:
        """Return a directory of users; it is not in use before it is :attr:`directory`.

        Args:
            users: the users.
            open_mode: whether any API token logs in, as a separate user.
            admin_token: the admin token, which cannot be used as an API token.
            limits: job limits of all users; see :class:`Account`.
            last_day: last day on which users log in and submit jobs.

        Raises:
            EmulatorError: two users have the same name or token, a token is empty, or the admin
                token cannot be sent in a header or is the API token of a user.
        """
        by_token: dict[str, User] = {}
        by_id: dict[str, User] = {}
        for user in users:
            digest, user_id = self._token_digest(user.api_token), self.user_id(user.name)
            if not user.api_token or digest in by_token or user_id in by_id:
                raise EmulatorError(
                    f"the user {user.name!r} needs a unique name and a unique API token"
                )
            by_token[digest] = user
            by_id[user_id] = user
        directory = Directory(by_token, by_id, None, open_mode, limits or {}, last_day)
        return directory if admin_token is None else self._with_admin(directory, admin_token)

    def _with_admin(self, directory: Directory, admin_token: str) -> Directory:
        digest = self._token_digest(admin_token)
        if not _HEADER_TOKEN.fullmatch(admin_token):
            raise EmulatorError("the admin token must consist of ASCII characters without spaces")
        if digest in directory.by_token:
            raise EmulatorError("the admin token must differ from the API tokens of users")
        return replace(directory, admin_digest=digest)

    @property
    def has_admin(self) -> bool:
        """Whether the service has an admin token."""
        return self.directory.admin_digest is not None

    def set_admin_token(self, admin_token: str) -> None:
        """Set the admin token, which cannot be used as an API token.

        Raises:
            EmulatorError: the token cannot be sent in a header, or is the API token of a user.
        """
        self.directory = self._with_admin(self.directory, admin_token)

    def is_admin(self, token: str) -> bool:
        """Return whether a token is the admin token, in constant time."""
        return hmac.compare_digest(self._token_digest(token), self.directory.admin_digest or "")

    def check_open(self) -> None:
        """Check that the class has not ended.

        Raises:
            ClassEnded: the last day is over.
        """
        last_day = self.directory.last_day
        if last_day is not None and self._clock.now().astimezone().date() > last_day:
            raise ClassEnded(last_day)

    def user_id(self, name: str) -> str:
        """Return the id of a configured user, 24 hex characters."""
        return self._store.keyed_digest("user", name)[:24]

    def identify(self, api_token: str) -> str:
        """Return the id of the user of an API token.

        Raises:
            UnknownToken: no user has this token.
            LicenseNotAccepted: the user has not accepted the licence.
            ClassEnded: the last day of the class is over.
        """
        directory, digest = self.directory, self._token_digest(api_token)
        user = directory.by_token.get(digest)
        if user is None:
            is_open = directory.open_mode and 0 < len(api_token) <= _LONGEST_API_TOKEN
            if not is_open or self.is_admin(api_token):
                raise UnknownToken
        elif not user.license_accepted:
            raise LicenseNotAccepted
        self.check_open()
        return digest[:24] if user is None else self.user_id(user.name)

    def account(self, user_id: str) -> Account | None:
        """Return the user with this id; None for an unknown or removed user."""
        directory = self.directory
        user = directory.by_id.get(user_id)
        if user is not None:
            email = user.email or f"{user.name}@example.invalid"
            limits = {**directory.limits, **user.limits}
            return Account(user_id, user.name, email, user.instances, limits)
        if not directory.open_mode or user_id == _ADMIN_ID:
            return None
        name = f"user-{user_id[:8]}"
        return Account(user_id, name, f"{name}@example.invalid", limits=directory.limits)

    def stamp(self, user_id: str) -> str:
        """Return 16 hex characters that change with the API token of a user.

        Tokens issued for an API token contain its stamp, and are no longer valid when the user has
        another API token.
        """
        user = self.directory.by_id.get(user_id)
        digest = user_id if user is None else self._token_digest(user.api_token)
        return digest[:_STAMP_CHARACTERS]

    def login(self, api_token: str, ttl_seconds: int | None = None) -> Login:
        """Exchange an API token for an access token.

        Args:
            api_token: API token of a user.
            ttl_seconds: lifetime of the access token; default: that of the service.

        Raises:
            UnknownToken: no user has this token.
            LicenseNotAccepted: the user has not accepted the licence.
            ClassEnded: the last day of the class is over.
        """
        user_id = self.identify(api_token)
        return self._issue(user_id, self.stamp(user_id), ttl_seconds or self.ttl_seconds)

    def login_admin(self, admin_token: str, ttl_seconds: int) -> Login:
        """Exchange the admin token for the token of a session, which is no access token.

        The session ends when the admin token changes.

        Raises:
            UnknownToken: this is not the admin token.
        """
        if not self.is_admin(admin_token):
            raise UnknownToken
        return self._issue(_ADMIN_ID, self._admin_stamp(), ttl_seconds)

    def is_admin_session(self, token: str | None) -> bool:
        """Return whether a token is that of a session of the administrator that has not ended."""
        return (
            self.has_admin
            and self._find_user_id(token) == _ADMIN_ID
            and str(token).endswith(self._admin_stamp())
        )

    def _issue(self, user_id: str, stamp: str, ttl_seconds: int) -> Login:
        access_token = secrets.token_hex(24) + stamp
        now = milliseconds(self._clock.now())
        row = insert(access_tokens).values(
            digest=_access_digest(access_token),
            user_id=user_id,
            created_ms=now,
            expires_ms=now + ttl_seconds * 1000,
        )
        # This works on a full disk too: users must log in before they can delete jobs.
        self._store.write_urgently(lambda connection: connection.execute(row))
        return Login(access_token, user_id, now, ttl_seconds)

    def authenticate(self, access_token: str | None) -> Account:
        """Return the user of an access token.

        Raises:
            NotLoggedIn: the token is missing, unknown or expired, or its user has been removed or
                has another API token.
        """
        user_id = self._find_user_id(access_token)
        account = None if user_id is None else self.account(user_id)
        if account is None or not str(access_token).endswith(self.stamp(account.user_id)):
            raise NotLoggedIn
        return account

    def revoke(self, access_token: str) -> None:
        """Revoke an access token; ignore an unknown one."""
        with self._store.write() as connection:
            connection.execute(
                delete(access_tokens).where(access_tokens.c.digest == _access_digest(access_token))
            )

    def _find_user_id(self, access_token: str | None) -> str | None:
        """Return whose access token this is; None if it is missing, unknown or expired."""
        if not access_token:
            return None
        with self._store.read() as connection:
            found = _TOKEN.rows(connection, {"digest": _access_digest(access_token)})
        for user_id, expires_ms in found:
            if expires_ms > milliseconds(self._clock.now()):
                return str(user_id)
        return None

    def _admin_stamp(self) -> str:
        return (self.directory.admin_digest or "")[:_STAMP_CHARACTERS]

    def _token_digest(self, api_token: str) -> str:
        return self._store.keyed_digest("API token", api_token)


def _access_digest(access_token: str) -> str:
    return hashlib.sha256(access_token.encode("utf-8", "surrogatepass")).hexdigest()
