"""Where the services of an account are: quantum service of a region, tokens, search, catalog."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit, urlunsplit

from attrs import frozen

DEFAULT_REGION: Final = "us-east"
KNOWN_REGIONS: Final = (DEFAULT_REGION, "eu-de")

_DOMAIN: Final = "quantum.cloud.ibm.com"
_FRONT_DOOR: Final = "cloud.ibm.com"
_TOKENS: Final = "https://iam.cloud.ibm.com"
_SEARCH: Final = "https://api.global-search-tagging.cloud.ibm.com"
_CATALOG: Final = "https://globalcatalog.cloud.ibm.com"
_PRIVATE: Final = "private."


@frozen
class Addresses:
    """The services of an account.

    Attributes:
        base_url: as configured; the region of an instance may lead elsewhere.
        tokens: base of the service that exchanges keys for tokens.
        search: base of the search over resources.
        catalog: base of the catalog of plans.
    """

    base_url: str
    tokens: str
    search: str
    catalog: str

    def api(self, region: str) -> str:
        """Return the base of the quantum service in a region.

        At IBM's own domain the region is part of the host; any other server has it in front of the
        path, the default region without.
        """
        parts = urlsplit(self.base_url)
        if not _is_ibm(self.base_url):
            if region == DEFAULT_REGION:
                return self.base_url
            return urlunsplit((*parts[:2], f"/{region}{parts.path}", "", ""))
        if (parts.hostname or "").startswith(_PRIVATE):
            return f"https://{_PRIVATE}{region}.{_DOMAIN}/api"
        return f"https://{'' if region == DEFAULT_REGION else region + '.'}{_DOMAIN}/api"


def addresses_of(base_url: str) -> Addresses:
    """Return the services that belong to a configured address.

    Args:
        base_url: of the quantum service. At IBM's own domain the other services have hosts of their
            own; any other server is taken to offer all of them.
    """
    base = base_url.rstrip("/")
    if _is_ibm(base):
        return Addresses(base, _TOKENS, _SEARCH, _CATALOG)
    parts = urlsplit(base)
    origin = urlunsplit((*parts[:2], "", "", ""))
    return Addresses(base, origin, origin, origin)


def _is_ibm(url: str) -> bool:
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    return host in (_FRONT_DOOR, _DOMAIN) or host.endswith(f".{_DOMAIN}")
