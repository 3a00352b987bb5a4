"""Credentials: who asks which service for which instance."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Literal

from attrs import evolve, field, frozen

from ibmq_backend._secrets.traceback_scrubbing import SecretText, hide
from ibmq_backend.credentials import hosts
from ibmq_backend.credentials.crn import INSTANCE_CRN, NOT_AN_INSTANCE, is_crn
from ibmq_backend.credentials.hub_group_project import STORED_FORMAT, HubGroupProject
from ibmq_backend.exceptions import (
    IBMQAccountCredentialsInvalidToken,
    IBMQAccountValueError,
)

Dialect = Literal["classic", "platform"]
"""Which of IBM's two quantum APIs a service speaks."""

Preferences = Mapping[HubGroupProject, Mapping[str, Mapping[str, bool]]]
"""Stored preferences: triple, then category, then name."""

_NO_TEXT = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories of characters that cannot stand in a line of a file."""

_PORT_ONLY = re.compile(r"[0-9]*(/.*)?$")


def _token(value: Any) -> str:
    value = hide(value)
    if not isinstance(value, str):
        raise IBMQAccountCredentialsInvalidToken(
            f"token has to be text, not {type(value).__name__}."
        )
    token = SecretText(value.strip())
    if not token:
        raise IBMQAccountCredentialsInvalidToken("token is empty.")
    # Anything else is taken: old programs hold texts like "paste your token here", and whether a
    # token is good is for the service to say.
    if any(unicodedata.category(character) in _NO_TEXT for character in token):
        raise IBMQAccountCredentialsInvalidToken(
            "token holds a line break or another control character: copy it again."
        )
    return token


def _part(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise IBMQAccountValueError(
            f"hub, group and project have to be text, not {type(value).__name__}."
        )
    if value is not None and re.search(r"[/\s]", value):
        raise IBMQAccountValueError(
            f"{value!r} cannot be a hub, group or project: it holds a slash or a blank."
        )
    return value or None


def _proxies(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not isinstance(value.get("urls", {}), Mapping):
        raise IBMQAccountValueError(
            "proxies has to be a dictionary like {'urls': {'https': 'http://proxy:8080'}}."
        )
    proxies = dict(value)
    if "urls" in proxies:
        if not all(isinstance(text, str) for pair in proxies["urls"].items() for text in pair):
            raise IBMQAccountValueError("proxies['urls'] has to map text to text.")
        proxies["urls"] = {key: _with_scheme(url) for key, url in proxies["urls"].items()}
    for key in ("username_ntlm", "password_ntlm"):
        if not isinstance(proxies.get(key, ""), str):
            raise IBMQAccountValueError(f"proxies[{key!r}] has to be text.")
    return proxies


def _with_scheme(url: str) -> str:
    if "://" in url:
        return url
    host, colon, rest = url.removeprefix("//").partition(":")
    if colon and not _PORT_ONLY.match(rest) and "@" not in rest:
        return url
    return f"http://{host}{colon}{rest}"


def _verify(value: Any) -> bool:
    if not isinstance(value, bool):
        raise IBMQAccountValueError(f"verify has to be True or False, not {type(value).__name__}.")
    return value


def _instance(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise IBMQAccountValueError(f"instance has to be text, not {type(value).__name__}.")
    instance = hide((value or "").strip() or None)  # a CRN names the account
    if instance is not None and is_crn(instance) and not INSTANCE_CRN.fullmatch(instance):
        raise IBMQAccountValueError(NOT_AN_INSTANCE)
    return instance


def _channel(value: Any) -> str | None:
    if value is None or (isinstance(value, str) and value in hosts.CHANNEL_URLS):
        return value
    known = ", ".join(map(repr, hosts.CHANNEL_URLS))
    raise IBMQAccountValueError(f"channel has to be one of {known}, not {str(value)!r}.")


def _services(value: Any) -> dict[str, str]:
    if value is not None and not isinstance(value, Mapping):
        raise IBMQAccountValueError(f"services has to be a dictionary, not {type(value).__name__}.")
    return dict(value or {})


def _preferences(value: Any) -> Preferences:
    if value is not None and not isinstance(value, Mapping):
        raise IBMQAccountValueError(
            f"preferences has to be a dictionary, not {type(value).__name__}."
        )
    return dict(value or {})


def _default_provider(value: Any) -> HubGroupProject | None:
    if value is None or isinstance(value, HubGroupProject):
        return value
    return HubGroupProject.from_stored_format(value)


@frozen(eq=False, repr=False)
class Credentials:
    """An account on a service, and the instance of it that is meant.

    Immutable. ``repr`` and pickles hold no secret: an unpickled object has the token ``""`` and
    needs :meth:`with_token` before it can be used again, and :meth:`for_instance` where it named a
    CRN, whose account part is left out too. Two objects are equal when token,
    hub/group/project and instance are.

    Raises:
        IBMQAccountCredentialsInvalidToken: the token is not text, is empty or holds
            a control character.
        IBMQAccountCredentialsInvalidUrl: the address is not an http(s) address.
        IBMQAccountValueError: another argument has the wrong type or form.
        HubGroupProjectInvalidStateError: ``default_provider`` is not a whole triple.

    Source: the class of qiskit-ibmq-provider 0.20; ``instance``, ``dialect`` and the checks are
    our choice.

    Attributes:
        token: API token (classic) or API key (platform), never empty except after unpickling.
        url: address as given without slashes at its end; when hub, group and project are known,
            ``{base_url}/Network/{hub}/Groups/{group}/Projects/{project}``.
        base_url: address that requests go to, without the triple.
        websockets_url: address of the status stream, or ``None``.
        hub: hub name, or ``None``.
        group: group name, or ``None``.
        project: project name, or ``None``; the three are all given or all ``None``.
        proxies: ``urls`` (scheme or host to proxy address), ``username_ntlm``,
            ``password_ntlm``; ``{}`` without proxies. A missing ``http://`` is added.
        verify: whether TLS certificates are checked.
        services: name of a service to its address, as told at login.
        access_token: what the login gave in exchange for the token, or ``None``.
        preferences: triple to category to name to value, ``{}`` when none are stored.
        default_provider: triple to choose when nothing else is said, or ``None``.
        instance: cloud resource name (CRN) or name of a cloud instance, or ``None``. A text of
            the form ``hub/group/project`` is taken as that triple.
        channel: kind of service as IBM's own client calls it, ``ibm_quantum_platform`` for
            today's; ``None`` leaves it to address and instance.
    """

    token: str = field(converter=_token)
    url: str = field(converter=hosts.checked_url)
    websockets_url: str | None = None
    hub: str | None = field(default=None, converter=_part)
    group: str | None = field(default=None, converter=_part)
    project: str | None = field(default=None, converter=_part)
    proxies: dict[str, Any] = field(default=None, converter=_proxies)
    verify: bool = field(default=True, converter=_verify)
    services: dict[str, str] = field(default=None, converter=_services)
    access_token: str | None = None
    preferences: Preferences = field(default=None, converter=_preferences)
    default_provider: HubGroupProject | None = field(default=None, converter=_default_provider)
    instance: str | None = field(default=None, converter=_instance)
    channel: str | None = field(default=None, converter=_channel)
    base_url: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        base_url, triple = hosts.split_url(self.url)
        instance = self.instance
        if instance is not None and STORED_FORMAT.fullmatch(instance):
            if self.is_ibmq() or triple is not None:
                raise IBMQAccountValueError(
                    f"instance={instance!r} and another hub/group/project are both given."
                )
            hub, group, project = instance.split("/")
            triple, instance = (hub, group, project), None
        if triple is None and self.hub and self.group and self.project:
            triple = self.hub, self.group, self.project
        long_url = "{}/Network/{}/Groups/{}/Projects/{}".format(base_url, *triple) if triple else ""
        # Frozen for everyone else: these depend on each other, so no converter can set them.
        for name, value in (
            ("url", long_url or base_url),
            ("base_url", base_url),
            ("hub", triple[0] if triple else None),
            ("group", triple[1] if triple else None),
            ("project", triple[2] if triple else None),
            ("instance", instance),
        ):
            object.__setattr__(self, name, value)

    def is_ibmq(self) -> bool:
        """Whether hub, group and project are all known."""
        return bool(self.hub and self.group and self.project)

    def unique_id(self) -> HubGroupProject:
        """The triple, parts ``None`` where unknown."""
        return HubGroupProject(self.hub, self.group, self.project)

    @property
    def dialect(self) -> Dialect:
        """``platform`` with an instance, an address or a channel of today's service.

        Else, or with hub, group and project in spite of the channel, ``classic``.
        """
        if self.instance is not None or hosts.is_platform(self.base_url):
            return "platform"
        if self.channel in hosts.PLATFORM_CHANNELS and not self.is_ibmq():
            return "platform"
        return "classic"

    @property
    def is_retired(self) -> bool:
        """Whether the address belongs to a service that was switched off."""
        return hosts.is_retired(self.base_url)

    @property
    def has_token(self) -> bool:
        """False for an unpickled object: pickles leave the token out."""
        return bool(self.token)

    @property
    def extractor_url(self) -> str | None:
        """Address of the random number service, where offered."""
        return self.services.get("extractorsService")

    @property
    def experiment_url(self) -> str | None:
        """Address of the experiment service, where offered."""
        return self.services.get("resultsDB")

    @property
    def runtime_url(self) -> str | None:
        """Address of the runtime service, where offered."""
        return self.services.get("runtime")

    def connection_parameters(self) -> dict[str, Any]:
        """How to connect: ``verify``, and where given ``proxies`` and ``auth``.

        ``proxies`` maps scheme or host to the proxy's address; ``auth`` is the pair of NTLM user
        and password for the proxy.
        """
        parameters: dict[str, Any] = {"verify": self.verify}
        if "urls" in self.proxies:
            parameters["proxies"] = dict(self.proxies["urls"])
        if "username_ntlm" in self.proxies and "password_ntlm" in self.proxies:
            parameters["auth"] = self.proxies["username_ntlm"], self.proxies["password_ntlm"]
        return parameters

    def with_token(self, token: str) -> Credentials:
        """The same account with this token.

        Raises:
            IBMQAccountCredentialsInvalidToken: the token is not text or empty.
        """
        return evolve(self, token=token)

    def for_triple(self, hub: str, group: str, project: str) -> Credentials:
        """The same account at another hub, group and project.

        Raises:
            IBMQAccountValueError: a part is not text, or holds a slash or a blank.
        """
        return evolve(self, url=self.base_url, hub=hub, group=group, project=project)

    def for_instance(self, crn: str) -> Credentials:
        """The same account at another cloud instance.

        Raises:
            IBMQAccountValueError: the CRN is not that of an instance of the quantum service.
        """
        return evolve(self, url=self.base_url, hub=None, group=None, project=None, instance=crn)

    def label(self) -> str:
        """Short text for messages: address and instance, without secrets."""
        shown = hosts.display_url(self.base_url)
        if self.instance is not None:
            return f"{shown} ({hosts.display_instance(self.instance)})"
        return f"{shown} ({self.hub}/{self.group}/{self.project})" if self.is_ibmq() else shown

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Credentials):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[str, HubGroupProject, str | None]:
        return self.token, self.unique_id(), self.instance

    def __repr__(self) -> str:
        if not hasattr(self, "base_url"):  # refused while it was made
            return "Credentials(...)"
        parts = [f"url={hosts.display_url(self.url)!r}"]
        if self.is_ibmq():
            parts += [f"{name}={getattr(self, name)!r}" for name in ("hub", "group", "project")]
        if self.instance is not None:
            parts.append(f"instance={hosts.display_instance(self.instance)!r}")
        if self.proxies:
            parts.append("proxies=...")
        if not self.verify:
            parts.append("verify=False")
        return f"Credentials({', '.join(parts)})"

    def __copy__(self) -> Credentials:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Credentials:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        state = {name: getattr(self, name) for name in _PICKLED}
        state["base_url"] = _without_login(self.base_url)
        state["url"] = _without_login(self.url)
        state["instance"] = self.instance and hosts.display_instance(self.instance)
        urls = self.proxies.get("urls")
        state["proxies"] = {"urls": {k: _without_login(v) for k, v in urls.items()}} if urls else {}
        return _unpickled, (state,)


_PICKLED = (
    "websockets_url",
    "hub",
    "group",
    "project",
    "verify",
    "services",
    "preferences",
    "default_provider",
    "instance",
    "channel",
)


def _without_login(url: str) -> str:
    return re.sub(r"(?<=//)[^/]*@", "", url)


def _unpickled(state: Mapping[str, Any]) -> Credentials:
    """Credentials without a token: the only object that the constructor would not make."""
    credentials = Credentials.__new__(Credentials)
    for name, value in {"token": "", "access_token": None, "channel": None, **state}.items():
        object.__setattr__(credentials, name, value)
    return credentials
