"""Servers that channels send to: HTTPS and SMTP on loopback, each keeping what it was sent."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import trustme
from aiosmtpd.controller import Controller

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass
class Https:
    """An HTTPS server."""

    port: int
    ca: Path
    status: int = 200
    answer: bytes = b"ok"
    received: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def url(self, path: str = "/hook", host: str = "localhost") -> str:
        return f"https://{host}:{self.port}{path}"


@contextmanager
def https_server(directory: Path, headers: Mapping[str, str] | None = None) -> Iterator[Https]:
    """Runs a server whose certificate is for localhost; `headers` go into each answer."""
    authority = trustme.CA()
    ca = directory / "channel-ca.pem"
    authority.cert_pem.write_to_path(str(ca))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            here.received.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(here.status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(here.answer)))
            self.end_headers()
            self.wfile.write(here.answer)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    here = Https(server.server_address[1], ca)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Mailbox:
    """An SMTP server's mail."""

    port: int = 0
    ca: Path | None = None
    mail: list[Any] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802, its name
        self.mail.append(envelope)
        self.encrypted.append(session.ssl is not None)
        return "250 OK"


@contextmanager
def smtp_server(directory: Path, *, starttls: bool) -> Iterator[Mailbox]:
    """Runs a mail server; with `starttls` it takes no mail unencrypted."""
    authority = trustme.CA()
    mailbox = Mailbox(ca=directory / "mail-ca.pem")
    authority.cert_pem.write_to_path(str(mailbox.ca))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as free:
        mailbox.port = free.getsockname()[1]
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=mailbox.port,
        tls_context=context if starttls else None,
        require_starttls=starttls,
    )
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()
