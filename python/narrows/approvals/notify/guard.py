"""Sends to addresses from the configuration, and to nowhere inside the network.

A webhook's address is a way to make the gateway speak to whatever it can reach. So a name is resolved here,
every address that it resolves to has to be public, and the connection goes to the address that was checked.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from typing import TYPE_CHECKING

import httpcore
import trio

from narrows.approvals.notify.channel import DeliveryFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEADLINE_S = 10.0
"""For one attempt, from resolving the name to the answer's head."""
ANSWER_BYTES_MAX = 65_536
"""Of an answer; what is longer is cut."""


class Post:
    """Posts over HTTPS.

    Args:
        allow_private: Also to addresses that are not public, for channels inside the network.
        ca: PEM file of the CA to trust; empty: the system's.
    """

    def __init__(self, *, allow_private: bool = False, ca: str = "") -> None:
        self._backend = _Guarded(allow_private=allow_private)
        self._ca = ca

    async def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        """Posts a body.

        Returns:
            What was answered.

        Raises:
            DeliveryFailed: It was not taken. The message holds no part of the address: it may be a secret.
        """
        if not url.startswith("https://"):
            raise DeliveryFailed("its address is not an https one", final=True)
        try:
            with trio.fail_after(DEADLINE_S):
                status, answer = await self._answer(url, body, headers)
        except trio.TooSlowError:
            raise DeliveryFailed(f"no answer within {DEADLINE_S:.0f} s") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            raise DeliveryFailed(f"it cannot be reached ({type(error).__name__})") from None
        except (httpcore.UnsupportedProtocol, ssl.SSLError, OSError, ValueError) as error:
            raise DeliveryFailed(f"it cannot be used ({type(error).__name__})") from None
        if not 200 <= status < 300:
            raise DeliveryFailed(f"it answered {status}", final=status in {400, 401, 403, 404, 410})
        return answer

    async def _answer(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """The answer's status and body. Redirects are not followed: they could lead anywhere."""
        context = ssl.create_default_context(cafile=self._ca or None)
        fields = {"Content-Type": "application/json", "User-Agent": "narrows", **headers}
        async with (
            httpcore.AsyncConnectionPool(ssl_context=context, network_backend=self._backend) as pool,
            pool.stream("POST", url, headers=list(fields.items()), content=body) as answer,
        ):
            taken = bytearray()
            async for part in answer.aiter_stream():
                taken += part
                if len(taken) > ANSWER_BYTES_MAX:
                    break
            return answer.status, bytes(taken[:ANSWER_BYTES_MAX])


class _Guarded(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._trio = httpcore.TrioBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109, httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """As the backend's own, to an address that has been checked."""
        found = await trio.socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(address[0]) for *_, address in found]
        if not self._allow_private and not all(is_public(address) for address in addresses):
            raise DeliveryFailed("its address is inside a private network", final=True)
        return await self._trio.connect_tcp(addresses[0], port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """As the backend's own."""
        await trio.sleep(seconds)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public network, also behind an IPv6 form of an IPv4 address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour or (parsed.teredo[1] if parsed.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if parsed in NAT64:
            return is_public(str(ipaddress.IPv4Address(int(parsed) & 0xFFFF_FFFF)))
    return parsed.is_global and not parsed.is_multicast


NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""RFC 6052: the last four bytes are an IPv4 address."""
