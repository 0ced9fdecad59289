"""The store as the configuration names it: SQLite in the state directory, or one that many nodes share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.credentials.references import resolve
from narrows.store import open_store
from narrows.store.postgres import open_shared_store

if TYPE_CHECKING:
    from narrows.config import Located
    from narrows.store import Store


def store_of(located: Located, *, create: bool = True) -> Store:
    """Opens the configured store.

    Args:
        located: The configuration.
        create: Whether a SQLite store that does not exist yet is made; one that is shared always is.

    Raises:
        StoreError: It cannot be opened.
        CredentialError: The address of a shared one cannot be had.
    """
    if not located.config.gateway.store:
        return open_store(located.store, create=create)
    return open_shared_store(shared_address(located))


def shared_address(located: Located) -> str:
    """The address of the shared store, password and all. Raises CredentialError."""
    return resolve(located.config.gateway.store, located.base).reveal().decode().strip()
