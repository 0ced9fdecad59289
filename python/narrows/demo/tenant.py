"""The demo's Entra tenant: the emulator in a thread, with the agents and people of the story registered."""

from __future__ import annotations

import json
import secrets
import threading
from typing import TYPE_CHECKING

import trio
from azure.identity import ClientSecretCredential

from narrows.demo.entra import Api, Application, EntraEmulator, Person

if TYPE_CHECKING:
    from pathlib import Path

AUDIENCE = "api://narrows"
OTHER_AUDIENCE = "api://payroll"
STRANGER_TENANT = "00000000-1111-4222-8333-444444444444"
READY_DEADLINE_S = 10.0


class Tenant:
    """An emulated tenant that serves from a thread of its own; use as a context manager.

    Args:
        directory: Where its certificate is made.
    """

    def __init__(self, directory: Path) -> None:
        self._emulator = EntraEmulator(directory)
        registered = self._emulator.directory
        self._api = registered.add_api(Api(AUDIENCE))
        self._other_api = registered.add_api(Api(OTHER_AUDIENCE))
        self.support = registered.add_application(_agent("support-agent", "sg-support"))
        self.unmasked = registered.add_application(_agent("fraud-agent", "sg-unmasked"))
        self.dba = registered.add_person(
            Person("dana@example.com", secrets.token_urlsafe(), name="Dana, database team", groups=["sg-dba"])
        )
        self.operator = registered.add_person(
            Person("omar@example.com", secrets.token_urlsafe(), name="Omar, operator", groups=["sg-ops"])
        )
        self.clerk = registered.add_person(
            Person(
                "cleo@example.com",
                secrets.token_urlsafe(),
                name="Cleo, support",
                groups=["sg-support", "sg-dba"],
            )
        )
        self.console = registered.add_application(Application("Narrows console", public=True))
        self._ready = threading.Event()
        self._stop: tuple[trio.lowlevel.TrioToken, trio.CancelScope] | None = None
        self._thread = threading.Thread(target=trio.run, args=(self._serve,), name="entra", daemon=True)

    def __enter__(self) -> Tenant:
        self._thread.start()
        if not self._ready.wait(READY_DEADLINE_S):
            raise TimeoutError("the emulated Entra did not start")
        return self

    def __exit__(self, *_: object) -> None:
        if self._stop is not None:
            token, scope = self._stop
            token.run_sync_soon(scope.cancel)
        self._thread.join()

    def configuration(self) -> str:
        """The `[[issuer]]` table with which Narrows accepts this tenant's tokens."""
        section = self._emulator.issuer_section(self._api)
        # JSON's strings, booleans and lists of strings are TOML's too.
        return "\n".join(["[[issuer]]", *(f"{key} = {json.dumps(value)}" for key, value in section.items())])

    def token_of(self, application: Application) -> str:
        """An application's token, fetched by the real azure-identity as an agent would."""
        with ClientSecretCredential(
            self._emulator.tenant,
            application.client_id,
            application.secrets[0],
            authority=self._emulator.authority,
            disable_instance_discovery=True,
            connection_verify=str(self._emulator.ca_file),
        ) as credential:
            return credential.get_token(f"{AUDIENCE}/.default").token

    def token_of_person(self, person: Person) -> str:
        """A person's token, as they would have after signing in."""
        return self._emulator.sign(self._emulator.person_claims(self._api, self.support, person))

    def short_token(self, lifetime_s: int) -> str:
        """A token of the support agent that runs out soon."""
        return self._emulator.sign(self._emulator.app_claims(self._api, self.support, lifetime_s=lifetime_s))

    def expired_token(self) -> str:
        """A token of the support agent that ran out an hour ago."""
        claims = self._emulator.app_claims(self._api, self.support)
        return self._emulator.sign(
            {**claims, **{name: claims[name] - 7200 for name in ("iat", "nbf", "exp")}}
        )

    def token_for_another_audience(self) -> str:
        """A valid token of the support agent, for another API."""
        return self._emulator.sign(self._emulator.app_claims(self._other_api, self.support))

    def token_of_another_tenant(self) -> str:
        """A token that says it is of a tenant that the gateway does not know."""
        claims = self._emulator.app_claims(self._api, self.support)
        issuer = claims["iss"].replace(self._emulator.tenant, STRANGER_TENANT)
        return self._emulator.sign({**claims, "iss": issuer, "tid": STRANGER_TENANT})

    async def _serve(self) -> None:
        with trio.CancelScope() as scope:
            async with trio.open_nursery() as nursery:
                await nursery.start(self._emulator.serve)
                self._stop = (trio.lowlevel.current_trio_token(), scope)
                self._ready.set()


def _agent(name: str, group: str) -> Application:
    return Application(name, secrets=[secrets.token_urlsafe()], groups=[group])
