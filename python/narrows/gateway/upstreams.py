"""Ways to the targets, kept from one session to the next as long as nothing about them changes.

Making one reads certificates, and the first login over it turns the password into SCRAM's keys with
thousands of rounds of hashing. Secrets are read anew for every session, so a rotated one makes a new way, and
the old one is forgotten.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.credentials.present import UpstreamTerms

KEPT_MAX = 1_024
"""The way that was used longest ago is forgotten when there are more."""


class Upstreams:
    """Makes the data plane's form of how to reach a target, unless it has been made already.

    Args:
        make: Makes one; see `narrows.plane.upstream_of`.
    """

    def __init__(self, make: Callable[[UpstreamTerms], Any]) -> None:
        self._make = make
        self._kept: OrderedDict[tuple[str, str, str], tuple[UpstreamTerms, Any]] = OrderedDict()

    def __call__(self, terms: UpstreamTerms) -> Any:
        """The way that `terms` describe. Raises what `make` raises."""
        name = (terms.address, terms.database, terms.user)
        known = self._kept.pop(name, None)
        if known is None or known[0] != terms:
            known = (terms, self._make(terms))
        self._kept[name] = known
        if len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)
        return known[1]
