"""E-mail: says that something waits, and where. No link decides anything: scanners open them all."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial
from typing import TYPE_CHECKING

import trio

from narrows.approvals.notify.channel import DeliveryFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.approvals.notify.message import Message

DEADLINE_S = 20.0
"""For every step of talking to the server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The server that takes the mail."""

    host: str
    port: int
    tls: str
    """`starttls`, `tls` or `off`."""
    ca: str = ""
    """PEM file of the CA to trust; empty: the system's."""
    user: str = ""


class Email:
    """Sends mail.

    Args:
        server: Who takes it.
        sender: The address that it comes from.
        recipients: Whom to tell.
        password: Gives the password where the server wants one, each time anew.
    """

    def __init__(
        self, server: Server, *, sender: str, recipients: list[str], password: Callable[[], bytes]
    ) -> None:
        self._server = server
        self._sender = sender
        self._recipients = recipients
        self._password = password

    async def send(self, message: Message) -> None:
        """Sends the mail. Raises DeliveryFailed."""
        mail = composed(message, self._sender, self._recipients)
        try:
            await trio.to_thread.run_sync(partial(self._hand_over, mail), abandon_on_cancel=True)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPAuthenticationError) as error:
            raise DeliveryFailed(f"the mail was refused ({type(error).__name__})", final=True) from None
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryFailed(f"the mail was not taken ({type(error).__name__})") from None

    def _hand_over(self, mail: EmailMessage) -> None:
        server = self._server
        context = ssl.create_default_context(cafile=server.ca or None)
        with (
            smtplib.SMTP_SSL(server.host, server.port, timeout=DEADLINE_S, context=context)
            if server.tls == "tls"
            else smtplib.SMTP(server.host, server.port, timeout=DEADLINE_S)
        ) as connection:
            if server.tls == "starttls":
                connection.starttls(context=context)
            if server.user:
                connection.login(server.user, self._password().decode())
            connection.send_message(mail)


def composed(message: Message, sender: str, recipients: list[str]) -> EmailMessage:
    """The mail: plain text, which shows no markup of an agent's, with no name of an agent's in a header."""
    mail = EmailMessage()
    mail["Subject"] = f"Narrows: {message.approval} is {message.state.value}"
    mail["From"] = sender
    mail["To"] = ", ".join(recipients)
    mail["Auto-Submitted"] = "auto-generated"
    facts = "\n".join(f"{name}: {value}" for name, value in message.facts)
    where = (
        f"Decide in the console: {message.url}"
        if message.url
        else (f"Decide with: narrows approvals show {message.approval}")
    )
    statement = "\n".join(f"> {line}" for line in message.statement.splitlines())
    mail.set_content(
        f"{message.title}\n\n{facts}\n\nStatement, as sent by the agent:\n{statement}\n\n{where}\n"
    )
    return mail
