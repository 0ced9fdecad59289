"""Patterns over where connections lead: `db:5432`.

Names are compared as they were sent and never resolved: what a name leads to is the target's to say, and may
be another thing a moment later. So an allow means one spelling, and a denial every spelling of an address.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from narrows.model import Forward

PORT_MAX = 65_535
PATTERN = re.compile(
    r"(\[(?P<address>[0-9a-f:.]+)\]|(?P<name>[a-z0-9_.*-]+)):(?P<first>\d+)(-(?P<last>\d+))?"
)


@dataclass(frozen=True, slots=True)
class ForwardPattern:
    """Hosts and ports: `db:5432`, `*.db.internal:5432-5439`, `[2001:db8::1]:443`."""

    text: str
    hosts: re.Pattern[str]
    ports: range

    @classmethod
    def parse(cls, text: str) -> ForwardPattern:
        """Compiles a pattern. In a name, `*` is any run of characters within a label: never a dot or a colon.

        Raises:
            ValueError: It is none; says why.
        """
        found = PATTERN.fullmatch(text.lower())
        if found is None:
            raise ValueError(f"`{text}` is not host:port; write db:5432, *.internal:5432-5439 or [::1]:22")
        ports = range(int(found["first"]), int(found["last"] or found["first"]) + 1)
        if not ports or ports[0] < 1 or ports[-1] > PORT_MAX:
            raise ValueError(f"`{text}` has no ports from 1 to {PORT_MAX}")
        name = found["name"] or _compressed(found["address"])
        return cls(text, re.compile(re.escape(name).replace(r"\*", "[^.:]*")), ports)

    def covers(self, forward: Forward) -> bool:
        """Whether an allow certainly means it: an address in another spelling is none that was written."""
        host = forward.host.lower()
        return forward.port in self.ports and spellings(host) <= {host} and self._means(host)

    def may_match(self, forward: Forward) -> bool:
        """Whether a denial could mean it, however its host is spelled."""
        return forward.port in self.ports and any(self._means(host) for host in spellings(forward.host))

    def _means(self, host: str) -> bool:
        return self.hosts.fullmatch(host) is not None


def spellings(host: str) -> frozenset[str]:
    """A host in its usual form, with the address that a resolver would take it for.

    `127.1`, `0x7f000001` and `::ffff:127.0.0.1` are `127.0.0.1` (inet_aton(3), RFC 4291 section 2.5.5.2).
    """
    plain = host.lower().rstrip(".")
    try:
        return frozenset({plain, socket.inet_ntoa(socket.inet_aton(plain))})
    except OSError:
        return frozenset({_compressed(plain)})


def _compressed(host: str) -> str:
    """An IPv6 address in its usual form; anything else as it is."""
    try:
        address = ipaddress.IPv6Address(host)
    except ValueError:
        return host
    return str(address.ipv4_mapped or address)
