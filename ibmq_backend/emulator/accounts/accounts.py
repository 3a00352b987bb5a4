"""Users, their API tokens, and the access tokens that a login returns."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import delete, insert, select

from ibmq_backend.emulator.core.clock import Clock, milliseconds
from ibmq_backend.emulator.core.errors import (
    EmulatorError,
    LicenseNotAccepted,
    NotLoggedIn,
    UnknownToken,
)
from ibmq_backend.emulator.core.records import Instance
from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.schema import access_tokens

TOKEN_SECONDS: Final = 1_209_600
"""Default lifetime of an access token: two weeks."""

_LONGEST_API_TOKEN: Final = 4096
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
    """

    name: str
    api_token: str = field(repr=False)
    email: str = ""
    instances: tuple[Instance, ...] | None = None
    license_accepted: bool = True


@dataclass(frozen=True, slots=True)
class Account:
    """The user who sends a request.

    Attributes:
        user_id: 24 hex characters, which depend on the name and the database.
        name: display name.
        email: e-mail address; generated when none is configured.
        instances: projects open to the user; None for all.
    """

    user_id: str
    name: str
    email: str
    instances: tuple[Instance, ...] | None = None


@dataclass(frozen=True, slots=True)
class Login:
    """The result of a login: the access token, its user, its creation time and its lifetime."""

    access_token: str = field(repr=False)
    user_id: str
    created_ms: int
    ttl_seconds: int


class Accounts:
    """The users of one service.

    Args:
        store: database with the digests of the access tokens.
        clock: clock of the service.
        users: configured users.
        open_mode: whether any API token logs in, as a separate user.
        ttl_seconds: lifetime of an access token.

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
        self.open_mode = open_mode
        self.ttl_seconds = ttl_seconds
        self._by_token: dict[str, User] = {}
        self._by_id: dict[str, User] = {}
        self._admin_digest: str | None = None
        for user in users:
            digest, user_id = self._token_digest(user.api_token), self.user_id(user.name)
            if not user.api_token or digest in self._by_token or user_id in self._by_id:
                raise EmulatorError(
                    f"the user {user.name!r} needs a unique name and a unique API token"
                )
            self._by_token[digest] = user
            self._by_id[user_id] = user

    @property
    def has_admin(self) -> bool:
        """Whether the service has an admin token."""
        return self._admin_digest is not None

    def set_admin_token(self, admin_token: str) -> None:
        """Set the admin token, which cannot be used as an API token.

        Raises:
            EmulatorError: the token cannot be sent in a header, or is the API token of a user.
        """
        digest = self._token_digest(admin_token)
        if not _HEADER_TOKEN.fullmatch(admin_token):
            raise EmulatorError("the admin token must consist of ASCII characters without spaces")
        if digest in self._by_token:
            raise EmulatorError("the admin token must differ from the API tokens of users")
        self._admin_digest = digest

    def is_admin(self, token: str) -> bool:
        """Return whether a token is the admin token, in constant time."""
        return hmac.compare_digest(self._token_digest(token), self._admin_digest or "")

    def user_id(self, name: str) -> str:
        """Return the id of a configured user, 24 hex characters."""
        return self._store.keyed_digest("user", name)[:24]

    def identify(self, api_token: str) -> str:
        """Return the id of the user of an API token.

        Raises:
            UnknownToken: no user has this token.
            LicenseNotAccepted: the user has not accepted the licence.
        """
        digest = self._token_digest(api_token)
        user = self._by_token.get(digest)
        if user is None:
            is_open = self.open_mode and 0 < len(api_token) <= _LONGEST_API_TOKEN
            if not is_open or self.is_admin(api_token):
                raise UnknownToken
            return digest[:24]
        if not user.license_accepted:
            raise LicenseNotAccepted
        return self.user_id(user.name)

    def account(self, user_id: str) -> Account | None:
        """Return the user with this id; None for an unknown or removed user."""
        user = self._by_id.get(user_id)
        if user is not None:
            email = user.email or f"{user.name}@example.invalid"
            return Account(user_id, user.name, email, user.instances)
        if not self.open_mode:
            return None
        name = f"user-{user_id[:8]}"
        return Account(user_id, name, f"{name}@example.invalid")

    def login(self, api_token: str) -> Login:
        """Exchange an API token for an access token.

        Raises:
            UnknownToken: no user has this token.
            LicenseNotAccepted: the user has not accepted the licence.
        """
        user_id = self.identify(api_token)
        access_token = secrets.token_hex(32)
        now = milliseconds(self._clock.now())
        row = insert(access_tokens).values(
            digest=_access_digest(access_token),
            user_id=user_id,
            created_ms=now,
            expires_ms=now + self.ttl_seconds * 1000,
        )
        # This works on a full disk too: users must log in before they can delete jobs.
        self._store.write_urgently(lambda connection: connection.execute(row))
        return Login(access_token, user_id, now, self.ttl_seconds)

    def authenticate(self, access_token: str | None) -> Account:
        """Return the user of an access token.

        Raises:
            NotLoggedIn: the token is missing, unknown or expired, or its user has been removed.
        """
        if not access_token:
            raise NotLoggedIn
        with self._store.read() as connection:
            row = connection.execute(
                select(access_tokens).where(access_tokens.c.digest == _access_digest(access_token))
            ).first()
        if row is None or row.expires_ms <= milliseconds(self._clock.now()):
            raise NotLoggedIn
        account = self.account(row.user_id)
        if account is None:
            raise NotLoggedIn
        return account

    def revoke(self, access_token: str) -> None:
        """Revoke an access token; ignore an unknown one."""
        with self._store.write() as connection:
            connection.execute(
                delete(access_tokens).where(access_tokens.c.digest == _access_digest(access_token))
            )

    def _token_digest(self, api_token: str) -> str:
        return self._store.keyed_digest("API token", api_token)


def _access_digest(access_token: str) -> str:
    return hashlib.sha256(access_token.encode("utf-8", "surrogatepass")).hexdigest()
