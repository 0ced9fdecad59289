"""What an address looks like in the configuration."""

from __future__ import annotations

import ipaddress

PORT_MAX = 65_535


def is_address(text: str) -> bool:
    """Whether a text is `host:port` with a port that exists; port 0 lets the system choose."""
    host, colon, port = text.rpartition(":")
    return bool(host and colon) and port.isascii() and port.isdigit() and int(port) <= PORT_MAX


def is_loopback(address: str) -> bool:
    """Whether `host:port` is on this machine, without asking anyone for names."""
    host = address.rpartition(":")[0].strip("[]")
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
