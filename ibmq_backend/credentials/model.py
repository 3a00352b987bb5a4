"""The class ``Credentials``: an account, its service and its instance."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Literal

from attrs import evolve, field, frozen

from ibmq_backend._secrets.redact import has_secret_format
from ibmq_backend._secrets.traceback_scrubbing import SecretText, hide
from ibmq_backend.credentials import hosts
from ibmq_backend.credentials.crn import INSTANCE_CRN, NOT_AN_INSTANCE, is_crn
from ibmq_backend.credentials.hub_group_project import STORED_FORMAT, HubGroupProject
from ibmq_backend.exceptions import (
    IBMQAccountCredentialsInvalidToken,
    IBMQAccountValueError,
)

Dialect = Literal["classic", "platform"]
"""The two quantum APIs of IBM."""

Preferences = Mapping[HubGroupProject, Mapping[str, Mapping[str, bool]]]
"""Stored preferences by triple, category and name."""

_CONTROL_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories of characters that cannot be in a line of a file."""

_AUTOMATIC = "auto"
_CLOUD_KEY_CHARACTERS = 44
_QUOTATION_MARKS = ('""', "''", "\u201c\u201d", "\u2018\u2019")  # editors curl straight ones
_URL = re.compile(r"https?://\S*", re.IGNORECASE)
_BEARER = re.compile(r"(authorization: *)?bearer[\s:]", re.IGNORECASE)
_PORT_ONLY = re.compile(r"[0-9]*(/.*)?$")


def unquoted(text: str) -> str:
    """Return a text without blanks and quotation marks around it, which ``cmd.exe`` keeps."""
    text = text.replace("\ufeff", "").strip()  # a byte order mark, as of a file in a pipe
    while len(text) > 2 and text[0] + text[-1] in _QUOTATION_MARKS:
        text = text[1:-1].strip()
    return text


def is_cloud_key(token: str) -> bool:
    """Return whether a text has the format of an API key of IBM Quantum Platform."""
    return len(token) == _CLOUD_KEY_CHARACTERS and has_secret_format(token)


def _token(value: Any) -> str:
    value = hide(value)
    if not isinstance(value, str):
        raise IBMQAccountCredentialsInvalidToken(f"token must be text, not {type(value).__name__}.")
    token = SecretText(unquoted(value))
    if problem := _mistaken_token(token):
        raise IBMQAccountCredentialsInvalidToken(problem)
    return token


def _mistaken_token(token: str) -> str | None:
    """Return why a text cannot be a token; ``None`` if it can.

    Anything else is accepted: old programs contain texts like "paste your token here", and only the
    service knows whether a token is valid.
    """
    if not token:
        return "token is empty."
    if any(unicodedata.category(character) in _CONTROL_CATEGORIES for character in token):
        return "token contains a line break or another control character. Copy it again."
    if is_crn(token.lower()):
        return (
            "token is an instance, not an API key. "
            "Write IBMQ.save_account(API_KEY, instance='crn:...')."
        )
    if _URL.fullmatch(token):
        return "token is a URL. Write the token first: IBMQ.save_account(TOKEN, URL)."
    if _BEARER.match(token):
        return "token begins with the word 'Bearer'. Use the API key or token alone."
    return None


def _part(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise IBMQAccountValueError(
            f"hub, group and project must be text, not {type(value).__name__}."
        )
    if value is not None and re.search(r"[/\s]", value):
        raise IBMQAccountValueError(
            f"{value!r} is not a hub, group or project: it contains a slash or a blank."
        )
    return value or None


def _proxies(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not isinstance(value.get("urls", {}), Mapping):
        raise IBMQAccountValueError(
            "proxies must be a dictionary like {'urls': {'https': 'http://proxy:8080'}}."
        )
    proxies = dict(value)
    if "urls" in proxies:
        if not all(isinstance(text, str) for pair in proxies["urls"].items() for text in pair):
            raise IBMQAccountValueError("Keys and values of proxies['urls'] must be text.")
        proxies["urls"] = {key: _with_scheme(url) for key, url in proxies["urls"].items()}
    for key in ("username_ntlm", "password_ntlm"):
        if not isinstance(proxies.get(key, ""), str):
            raise IBMQAccountValueError(f"proxies[{key!r}] must be text.")
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
        raise IBMQAccountValueError(f"verify must be True or False, not {type(value).__name__}.")
    return value


def _instance(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise IBMQAccountValueError(f"instance must be text, not {type(value).__name__}.")
    instance = hide(unquoted(value or "") or None)  # a CRN contains the account
    if instance is not None and not is_crn(instance) and has_secret_format(instance):
        raise IBMQAccountValueError(
            "instance is an API key. Write IBMQ.save_account(API_KEY, instance=<CRN or name>)."
        )
    if instance is not None and is_crn(instance) and not INSTANCE_CRN.fullmatch(instance):
        raise IBMQAccountValueError(NOT_AN_INSTANCE)
    return instance


def _channel(value: Any) -> str | None:
    if value is None or (isinstance(value, str) and value in hosts.CHANNEL_URLS):
        return value
    known = ", ".join(map(repr, hosts.CHANNEL_URLS))
    raise IBMQAccountValueError(f"channel must be one of {known}, not {str(value)!r}.")


def _region(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise IBMQAccountValueError(f"region must be text, not {type(value).__name__}.")
    return unquoted(value or "").lower() or None


def _plans(value: Any) -> tuple[str, ...]:
    return _texts(value, "plans_preference", "['open']")


def _tags(value: Any) -> tuple[str, ...]:
    return _texts(value, "tags", "['teaching']")


def _texts(value: Any, name: str, example: str) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else value or []
    if not isinstance(listed, list | tuple) or not all(isinstance(each, str) for each in listed):
        raise IBMQAccountValueError(
            f"{name} must be a list of texts, like {example}, not {value!r}."
        )
    return tuple(stripped for each in listed if (stripped := each.strip()))


def _services(value: Any) -> dict[str, str]:
    if value is not None and not isinstance(value, Mapping):
        raise IBMQAccountValueError(f"services must be a dictionary, not {type(value).__name__}.")
    return dict(value or {})


def _preferences(value: Any) -> Preferences:
    if value is not None and not isinstance(value, Mapping):
        raise IBMQAccountValueError(
            f"preferences must be a dictionary, not {type(value).__name__}."
        )
    return dict(value or {})


def _default_provider(value: Any) -> HubGroupProject | None:
    if value is None or isinstance(value, HubGroupProject):
        return value
    return HubGroupProject.from_stored_format(value)


@frozen(eq=False, repr=False)
class Credentials:
    """An account on a service, and one of its instances.

    Immutable. ``repr`` and pickles contain no secret. An unpickled object has the token ``""`` and
    a CRN without its account part; before it can be used, :meth:`with_token` and
    :meth:`for_instance` must set them. Two objects are equal if their token, hub/group/project and
    instance are equal.

    Raises:
        IBMQAccountCredentialsInvalidToken: the token is not text, is empty or contains
            a control character.
        IBMQAccountCredentialsInvalidUrl: the URL is not an http(s) URL.
        IBMQAccountValueError: another argument has the wrong type or form.
        HubGroupProjectInvalidStateError: ``default_provider`` is not a complete triple.

    Source: the class of qiskit-ibmq-provider 0.20; ``instance``, ``dialect`` and the checks are
    our choice.

    Attributes:
        token: API token (classic) or API key (platform), never empty except after unpickling.
        url: given URL without trailing slashes; with hub, group and project,
            ``{base_url}/Network/{hub}/Groups/{group}/Projects/{project}``.
        base_url: URL of requests, without the triple.
        websockets_url: URL of the status stream, or ``None``.
        hub: hub name, or ``None``.
        group: group name, or ``None``.
        project: project name, or ``None``; the three are all given or all ``None``.
        proxies: ``urls`` (proxy URL by scheme or host), ``username_ntlm``, ``password_ntlm``;
            ``{}`` without proxies. A missing ``http://`` is added.
        verify: whether TLS certificates are checked.
        services: URL of each service by its name, as received at login.
        access_token: token received at login, or ``None``.
        preferences: values by triple, category and name, ``{}`` without stored preferences.
        default_provider: triple to use by default, or ``None``.
        instance: cloud resource name (CRN) or name of a cloud instance, or ``None``. A text of
            the form ``hub/group/project`` is converted to that triple; ``auto``, as in IBM's own
            client, is the same as ``None`` on IBM Quantum Platform.
        channel: kind of service by its name in IBM's own client, for example
            ``ibm_quantum_platform``; ``None`` to derive it from URL and instance.
        region: region of the cloud instances to use, such as ``eu-de``; ``None`` for all. Like the
            next two, it has no effect if ``instance`` is set.
        plans_preference: names of the plans of the instances to use, the preferred one first;
            empty for all.
        tags: tags that the instances to use must have.
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
    region: str | None = field(default=None, converter=_region)
    plans_preference: tuple[str, ...] = field(default=(), converter=_plans)
    tags: tuple[str, ...] = field(default=(), converter=_tags)
    base_url: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        base_url, triple = hosts.split_url(self.url)
        instance, channel = self.instance, self.channel
        if instance == _AUTOMATIC:
            instance, channel = None, channel or hosts.DEFAULT_CHANNEL
        if instance is not None and STORED_FORMAT.fullmatch(instance):
            if self.is_ibmq() or triple is not None:
                raise IBMQAccountValueError(
                    f"instance={instance!r} and another hub/group/project are given. Use one."
                )
            hub, group, project = instance.split("/")
            triple, instance = (hub, group, project), None
        if triple is None and self.hub and self.group and self.project:
            triple = self.hub, self.group, self.project
        long_url = "{}/Network/{}/Groups/{}/Projects/{}".format(base_url, *triple) if triple else ""
        # These depend on each other, so converters cannot set them.
        for name, value in (
            ("url", long_url or base_url),
            ("base_url", base_url),
            ("hub", triple[0] if triple else None),
            ("group", triple[1] if triple else None),
            ("project", triple[2] if triple else None),
            ("instance", instance),
            ("channel", channel),
        ):
            object.__setattr__(self, name, value)

    def is_ibmq(self) -> bool:
        """Return whether hub, group and project are all known."""
        return bool(self.hub and self.group and self.project)

    def unique_id(self) -> HubGroupProject:
        """Return the triple; unknown parts are ``None``."""
        return HubGroupProject(self.hub, self.group, self.project)

    @property
    def dialect(self) -> Dialect:
        """``platform`` for an instance, URL or channel of IBM Quantum Platform, else ``classic``.

        A channel is ignored if hub, group and project are set.
        """
        if self.instance is not None or hosts.is_platform(self.base_url):
            return "platform"
        if self.channel in hosts.PLATFORM_CHANNELS and not self.is_ibmq():
            return "platform"
        return "classic"

    @property
    def is_retired(self) -> bool:
        """Whether the URL belongs to a service that was switched off."""
        return hosts.is_retired(self.base_url)

    @property
    def extractor_url(self) -> str | None:
        """URL of the random number service, ``None`` if it is not offered."""
        return self.services.get("extractorsService")

    @property
    def experiment_url(self) -> str | None:
        """URL of the experiment service, ``None`` if it is not offered."""
        return self.services.get("resultsDB")

    @property
    def runtime_url(self) -> str | None:
        """URL of the runtime service, ``None`` if it is not offered."""
        return self.services.get("runtime")

    def connection_parameters(self) -> dict[str, Any]:
        """Return the connection settings: ``verify`` and, if set, ``proxies`` and ``auth``.

        ``proxies`` contains the proxy URL of each scheme or host; ``auth`` is the pair of NTLM user
        and password for the proxy.
        """
        parameters: dict[str, Any] = {"verify": self.verify}
        if "urls" in self.proxies:
            parameters["proxies"] = dict(self.proxies["urls"])
        if "username_ntlm" in self.proxies and "password_ntlm" in self.proxies:
            parameters["auth"] = self.proxies["username_ntlm"], self.proxies["password_ntlm"]
        return parameters

    def with_token(self, token: str) -> Credentials:
        """Return the same account with another token.

        Raises:
            IBMQAccountCredentialsInvalidToken: the token is not text or is empty.
        """
        return evolve(self, token=token)

    def for_triple(self, hub: str, group: str, project: str) -> Credentials:
        """Return the same account with another hub, group and project.

        Raises:
            IBMQAccountValueError: a part is not text, or contains a slash or a blank.
        """
        return evolve(self, url=self.base_url, hub=hub, group=group, project=project)

    def for_instance(self, crn: str) -> Credentials:
        """Return the same account with another cloud instance, without conditions for others.

        Raises:
            IBMQAccountValueError: the text is not the CRN of an instance of the quantum service.
        """
        return evolve(
            self,
            url=self.base_url,
            hub=None,
            group=None,
            project=None,
            instance=crn,
            region=None,
            plans_preference=(),
            tags=(),
        )

    def instance_text(self) -> str | None:
        """Return CRN or name of the instance, or ``hub/group/project``; ``None`` if none is set."""
        if self.instance is not None:
            return self.instance
        triple = self.default_provider or self.unique_id()
        return "/".join(part for part in triple.to_tuple() if part) or None

    def filters(self) -> dict[str, Any]:
        """Return ``region``, ``plans_preference`` and ``tags`` as far as they are set."""
        values = {
            "region": self.region,
            "plans_preference": list(self.plans_preference),
            "tags": list(self.tags),
        }
        return {name: value for name, value in values.items() if value}

    def label(self) -> str:
        """Return URL and instance as a short text for messages, without secrets."""
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
        if not hasattr(self, "base_url"):  # validation failed
            return "Credentials(...)"
        parts = [f"url={hosts.display_url(self.url)!r}"]
        if self.is_ibmq():
            parts += [f"{name}={getattr(self, name)!r}" for name in ("hub", "group", "project")]
        if self.instance is not None:
            parts.append(f"instance={hosts.display_instance(self.instance)!r}")
        for name, value in self.filters().items():
            parts.append(f"{name}={value!r}")
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
    "region",
    "plans_preference",
    "tags",
)


def _without_login(url: str) -> str:
    return re.sub(r"(?<=//)[^/]*@", "", url)


def _unpickled(state: Mapping[str, Any]) -> Credentials:
    """Return credentials without a token, which the constructor would refuse."""
    credentials = Credentials.__new__(Credentials)
    added = {"channel": None, "region": None, "plans_preference": (), "tags": ()}
    for name, value in {"token": "", "access_token": None, **added, **state}.items():
        object.__setattr__(credentials, name, value)
    return credentials
