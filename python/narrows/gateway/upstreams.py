"""Ways to the targets, kept from one session to the next as long as nothing about them changes.

Making one reads certificates, and the first login over it turns the password into SCRAM's keys with
thousands of rounds of hashing. Secrets are read anew for every session, so a rotated one makes a new way, and
the old one is forgotten.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT_MAX = 1_024
"""The way that was used longest ago is forgotten when there are more."""


class Terms(Protocol):
    """How a target is reached and what is presented there."""

    @property
    def way(self) -> tuple[str, ...]:
        """What stays the same when what is presented is rotated."""
        ...


TermsT = TypeVar("TermsT", bound=Terms)


class Upstreams(Generic[TermsT]):
    """Makes the data plane's form of how to reach a target, unless it has been made already.

    Args:
        make: Makes one; see `narrows.plane.upstream_of` and `cluster_upstream_of`.
    """

    def __init__(self, make: Callable[[TermsT], Any]) -> None:
        self._make = make
        self._kept: OrderedDict[tuple[str, ...], tuple[TermsT, Any]] = OrderedDict()

    def __call__(self, terms: TermsT) -> Any:
        """The way that `terms` describe. Raises what `make` raises."""
        known = self._kept.pop(terms.way, None)
        if known is None or known[0] != terms:
            known = (terms, self._make(terms))
        self._kept[terms.way] = known
        if len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)
        return known[1]
