"""The gateway's own calls to a cluster, made as a session's are: with its credential, as its agent."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from narrows.credentials.impersonation import impersonation_of
from narrows.gateway.clusters.api_server import api_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from narrows.credentials.cluster import ClusterCredentials, ClusterTerms
    from narrows.gateway.clusters.api_server import ApiServer
    from narrows.gateway.destinations import Destinations
    from narrows.seam import Session


@dataclass(frozen=True, slots=True)
class ClusterAccess:
    """Reaches the configured clusters."""

    destinations: Destinations
    credentials: ClusterCredentials

    async def terms(self, session: Session) -> ClusterTerms:
        """What a session's calls present. Raises CredentialError."""
        section = self.destinations.sections[session.target.name]
        impersonate = impersonation_of(session.principal, session.name) if section.impersonate else None
        return await self.credentials.present(section, impersonate)

    @asynccontextmanager
    async def reach(self, session: Session) -> AsyncIterator[ApiServer]:
        """The API server of a session's cluster. Raises CredentialError."""
        async with api_server(await self.terms(session)) as server:
            yield server
