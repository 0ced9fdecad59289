"""The gateway's own way to a cluster's API server: to look at objects, and to have writes tried.

Agents' calls do not pass here; the data plane moves those.
"""

from __future__ import annotations

import os
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import trio

from narrows.errors import ClusterError, CredentialError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from narrows.credentials.cluster import ClusterTerms
    from narrows.credentials.impersonation import Impersonation

DEADLINE_S = 5.0
"""For one call, from connecting to the answer's last byte."""
ANSWER_BYTES_MAX = 4 << 20
JSON = "application/json"
METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=1,application/json;q=0.5"
"""An object's metadata alone, from servers that know how."""
METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=1,application/json;q=0.5"
NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Answer:
    """What an API server answered; always JSON."""

    status: int
    body: bytes

    @property
    def is_good(self) -> bool:
        """Whether it is a 2xx."""
        return 200 <= self.status < 300

    def document(self) -> dict[str, Any]:
        """The body, parsed. Raises ClusterError."""
        try:
            return msgspec.json.decode(self.body, type=dict[str, Any])
        except msgspec.DecodeError:
            raise ClusterError("the API server's answer is not JSON") from None


class ApiServer:
    """One cluster's API server, as long as it is asked.

    Args:
        client: Reaches it.
        terms: As whom.
    """

    def __init__(self, client: httpx.AsyncClient, terms: ClusterTerms) -> None:
        self._client = client
        self._headers = _presented(terms)
        self._extensions = {"sni_hostname": terms.server_name} if terms.server_name else {}

    async def call(
        self, method: str, path: str, *, body: bytes = b"", content_type: str = "", accept: str = JSON
    ) -> Answer:
        """Makes one call.

        Args:
            method: HTTP's.
            path: With its query, encoded.
            body: Of a write.
            content_type: Of the body.
            accept: Forms of JSON.

        Raises:
            ClusterError: There is no answer in time, or it is too large or no JSON. It quotes none of it.
        """
        headers = [*self._headers, ("Accept", accept)]
        if content_type:
            headers.append(("Content-Type", content_type))
        try:
            with trio.fail_after(DEADLINE_S):
                async with self._client.stream(
                    method, path, content=body or None, headers=headers, extensions=self._extensions
                ) as answer:
                    return Answer(answer.status_code, await _read(answer))
        except trio.TooSlowError:
            raise ClusterError(f"the API server did not answer within {DEADLINE_S:.0f} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise ClusterError(f"the API server cannot be asked ({type(error).__name__})") from None


@asynccontextmanager
async def api_server(terms: ClusterTerms) -> AsyncIterator[ApiServer]:
    """Reaches an API server with what is presented there.

    Args:
        terms: How, and as whom.

    Raises:
        CredentialError: What is to be presented cannot be used.
    """
    client = httpx.AsyncClient(
        base_url=f"https://{terms.address}",
        verify=_context(terms),
        trust_env=False,  # no proxy of the environment's, nor its credentials
        follow_redirects=False,
        timeout=DEADLINE_S,
        headers={"User-Agent": "narrows", "Accept-Encoding": "identity"},
    )
    async with client:
        yield ApiServer(client, terms)


def check_terms(terms: ClusterTerms) -> None:
    """Whether what is presented can be used, as far as that is known here. Raises CredentialError."""
    _context(terms)


def _presented(terms: ClusterTerms) -> list[tuple[str, str]]:
    headers = []
    if terms.token is not None:
        headers.append(("Authorization", f"Bearer {terms.token.decode('ascii', 'replace')}"))
    return headers + (_impersonating(terms.impersonate) if terms.impersonate else [])


def _impersonating(impersonate: Impersonation) -> list[tuple[str, str]]:
    """Source: kubernetes.io, "Authenticating", "User impersonation"."""
    headers = [("Impersonate-User", impersonate["user"]), ("Impersonate-Uid", impersonate["uid"])]
    headers += [("Impersonate-Group", group) for group in impersonate["groups"]]
    for name, values in impersonate["extra"].items():
        headers += [(f"Impersonate-Extra-{name.replace('/', '%2F')}", value) for value in values]
    return headers


def _context(terms: ClusterTerms) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=terms.ca_pem.decode("ascii") if terms.ca_pem else None)
        if terms.certificate_pem and terms.key_pem:
            _present_certificate(context, terms.certificate_pem + b"\n" + terms.key_pem)
    except (ssl.SSLError, ValueError) as error:
        raise CredentialError(f"the CA or certificate for {terms.address} cannot be used") from error
    return context


def _present_certificate(context: ssl.SSLContext, pem: bytes) -> None:
    """OpenSSL takes certificates from files only: this one is in memory and has no name."""
    descriptor = os.memfd_create("certificate", os.MFD_CLOEXEC)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        context.load_cert_chain(f"/proc/self/fd/{descriptor}")


async def _read(answer: httpx.Response) -> bytes:
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != JSON:
        raise ClusterError("the API server's answer is not JSON")
    read = bytearray()
    async for part in answer.aiter_bytes():
        read += part
        if len(read) > ANSWER_BYTES_MAX:
            raise ClusterError(f"the API server's answer is longer than {ANSWER_BYTES_MAX} bytes")
    return bytes(read)
