"""The emulated tenant's directory: APIs, applications and people."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from narrows.demo.entra.errors import EntraError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.x509 import Certificate

EXCHANGE_AUDIENCE = "api://AzureADTokenExchange"
"""What a federated assertion must be made for."""


def new_id() -> str:
    """A fresh GUID, as Entra gives to every object."""
    return str(uuid.uuid4())


@dataclass(slots=True)
class Api:
    """The registration of an API that tokens are made for."""

    uri: str
    """Its App ID URI."""
    client_id: str = field(default_factory=new_id)
    token_version: int = 2
    """`requestedAccessTokenVersion`: 1 or 2."""
    assignment_required: bool = False
    """Whether an application needs a role of this API to get a token."""


@dataclass(frozen=True, slots=True)
class Federation:
    """A federated credential: an outside issuer's word about one subject is as good as a secret."""

    issuer: str
    subject: str
    key: RSAPublicKey
    """The outside issuer's key; Entra fetches it, the emulator is told."""
    audience: str = EXCHANGE_AUDIENCE


@dataclass(slots=True)
class Application:
    """An application with its service principal."""

    name: str
    client_id: str = field(default_factory=new_id)
    object_id: str = field(default_factory=new_id)
    secrets: list[str] = field(default_factory=list, repr=False)
    certificates: list[Certificate] = field(default_factory=list)
    federations: list[Federation] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    public: bool = False
    """Whether people may log in through it without it proving itself."""
    redirect_uris: list[str] = field(default_factory=list)
    """Where people's browsers may be sent after they logged in; compared exactly."""
    disabled: bool = False


@dataclass(slots=True)
class Person:
    """A user of the tenant."""

    username: str
    password: str = field(repr=False)
    name: str = ""
    object_id: str = field(default_factory=new_id)
    groups: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    disabled: bool = False


class Directory:
    """Everything that is registered in the tenant."""

    def __init__(self) -> None:
        self._apis: list[Api] = []
        self._applications: dict[str, Application] = {}
        self._people: dict[str, Person] = {}

    def add_api(self, api: Api) -> Api:
        """Registers an API."""
        self._apis.append(api)
        return api

    def add_application(self, application: Application) -> Application:
        """Registers an application."""
        self._applications[application.client_id] = application
        return application

    def add_person(self, person: Person) -> Person:
        """Creates a user."""
        self._people[person.username.lower()] = person
        return person

    def api(self, resource: str) -> Api:
        """The API by its App ID URI or client id; EntraError 500011 when there is none."""
        for api in self._apis:
            if resource in (api.uri, api.client_id):
                return api
        raise EntraError(
            500011,
            "invalid_resource",
            f"The resource principal named {resource} was not found in the tenant. This can happen if the "
            "application has not been installed by the administrator of the tenant.",
        )

    def application(self, client_id: str) -> Application:
        """The application; EntraError 700016 when there is none, 7000112 when it is disabled."""
        application = self._applications.get(client_id)
        if application is None:
            raise EntraError(
                700016,
                "unauthorized_client",
                f"Application with identifier '{client_id}' was not found in the directory.",
            )
        if application.disabled:
            raise EntraError(
                7000112, "unauthorized_client", f"Application '{client_id}'({application.name}) is disabled."
            )
        return application

    def person(self, username: str, password: str) -> Person:
        """The user; EntraError 50126 for a wrong name or password, 50057 when disabled."""
        person = self._people.get(username.lower())
        if person is None or person.password != password:
            raise EntraError(
                50126, "invalid_grant", "Error validating credentials due to invalid username or password."
            )
        if person.disabled:
            raise EntraError(50057, "invalid_grant", "The user account is disabled.")
        return person
