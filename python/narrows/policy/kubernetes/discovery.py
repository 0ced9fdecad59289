"""Paths that are of no resource: what every client asks first, and what tells more than it seems."""

from __future__ import annotations

import re

DISCOVERY = re.compile(
    r"/(?:version|api|apis|healthz|livez|readyz|openapi/v2|openapi/v3"
    r"|\.well-known/openid-configuration|openid/v1/jwks)/?"
    r"|/(?:livez|readyz|healthz)/[A-Za-z0-9/_.-]+"
    r"|/api/[a-z0-9]+/?|/apis/[a-z0-9.-]+(?:/[a-z0-9]+)?/?|/openapi/v3/[A-Za-z0-9/._-]+"
)
"""What an API server can do and whether it is well: allowed to whoever is admitted."""

READING = frozenset({"GET", "HEAD"})
"""The methods that such a path may be asked with."""

TELLING = {
    "/metrics": "the metrics of the API server tell of every tenant's objects",
    "/logs": "these are the logs of the node that the API server runs on",
    "/debug": "profiles and debugging of the API server are for those who run it",
    "/configz": "this is the configuration of the API server itself",
    "/flagz": "these are the flags of the API server itself",
    "/statusz": "this is the status of the API server itself",
}
"""What a rule must write out, with why."""


def is_discovery(method: str, path: str) -> bool:
    """Whether a request only asks what there is."""
    return method in READING and DISCOVERY.fullmatch(path) is not None


def tells(path: str) -> str:
    """Why a path is refused where no rule writes it out; empty for any other."""
    return next((why for start, why in TELLING.items() if path == start or path.startswith(start + "/")), "")


def covers(pattern: str, path: str) -> bool:
    """Whether a pattern of a rule, with `*` for any run, certainly means a path.

    What tells of the API server itself is meant only where the pattern writes its first part out.
    """
    first = "/" + path.removeprefix("/").partition("/")[0]
    return not tells(path) or pattern == first or pattern.startswith(first + "/")
