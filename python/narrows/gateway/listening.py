"""The data plane's listeners, as the configuration has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.errors import PlaneError
from narrows.gateway.secrets import listener_certificate

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.config import Located
    from narrows.plane import DataPlane


def listen_postgres(plane: DataPlane, located: Located, where: str) -> str:
    """Starts the listener for PostgreSQL's clients.

    Args:
        plane: The data plane.
        located: The configuration.
        where: The address to bind, as `[listen] postgres` has it.

    Returns:
        The address that it is bound to.

    Raises:
        PlaneError: It cannot be bound, or its certificate cannot be used.
    """
    return _listen(plane.listen_postgres, located, where)


def listen_kubernetes(plane: DataPlane, located: Located, where: str) -> str:
    """Starts the listener for clients of Kubernetes; see `listen_postgres`."""
    return _listen(plane.listen_kubernetes, located, where)


def _listen(listen: Callable[..., str], located: Located, where: str) -> str:
    certificate = listener_certificate(located)
    sessions = located.config.sessions
    try:
        return listen(
            where,
            certificate_pem=certificate.certificate_pem,
            key_pem=certificate.key_pem,
            connections_max=sessions.connections_max,
            handshake_deadline_ms=sessions.handshake_deadline_ms,
        )
    except (OSError, ValueError) as error:
        raise PlaneError(f"cannot listen on {where}: {error}") from error
