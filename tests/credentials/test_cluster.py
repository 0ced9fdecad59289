"""What the gateway presents to a cluster, and who it says is calling."""

from __future__ import annotations

import base64
import json
import stat
import time
import traceback
from typing import TYPE_CHECKING, Any

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from narrows.config import CredentialSection, TargetSection
from narrows.credentials.cluster import RENEW_BEFORE_S, UNDATED_S, ClusterCredentials
from narrows.credentials.exec_plugin import API_VERSION, OUTPUT_BYTES_MAX
from narrows.credentials.impersonation import impersonation_of
from narrows.errors import CredentialError
from narrows.model import Principal
from narrows.pki import LocalCa

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "canary-7f21"


def cluster(**credential: Any) -> TargetSection:
    return TargetSection(
        name="prod",
        kind="kubernetes",
        address="10.0.0.9:6443",
        server_name="kubernetes.default",
        credential=CredentialSection(**credential),
    )


def jwt(expires_at: float) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": expires_at, "x": "??"}).encode()).rstrip(b"=")
    return f"e30.{claims.decode()}.c2ln"


def private(path: Path, content: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(content)
    return path


async def test_a_token_file_is_read_anew_each_time(tmp_path: Path) -> None:
    credentials = ClusterCredentials(tmp_path)
    target = cluster(kind="token", secret="file:prod.token")
    private(tmp_path / "prod.token", f"{CANARY}-1\n")
    first = await credentials.present(target)
    private(tmp_path / "prod.token", f"{CANARY}-2\n")
    assert (first.token, (await credentials.present(target)).token) == (
        f"{CANARY}-1".encode(),
        f"{CANARY}-2".encode(),
    )
    assert (first.address, first.server_name, first.expires_at) == (
        "10.0.0.9:6443",
        "kubernetes.default",
        None,
    )
    assert CANARY not in repr(first)


async def test_a_token_that_says_when_it_ends_bounds_the_session(tmp_path: Path) -> None:
    credentials = ClusterCredentials(tmp_path, clock=lambda: 1_000.0)
    private(tmp_path / "prod.token", jwt(1_060))
    target = cluster(kind="token", secret="file:prod.token")
    assert (await credentials.present(target)).expires_at == 1_060
    private(tmp_path / "prod.token", jwt(1_000))
    with pytest.raises(CredentialError, match="has expired"):
        await credentials.present(target)


@pytest.mark.parametrize(
    "text", ["a.b.c", "a.eyJleHAiOiAiMSJ9.c", "a.W10.c", "opaque", "....", "a." + "[" * 9999]
)
async def test_what_is_no_dated_token_is_presented_all_the_same(tmp_path: Path, text: str) -> None:
    private(tmp_path / "prod.token", text)
    terms = await ClusterCredentials(tmp_path).present(cluster(kind="token", secret="file:prod.token"))
    assert (terms.token, terms.expires_at) == (text.encode(), None)


async def test_a_projected_service_account_brings_its_ca(tmp_path: Path) -> None:
    authority = LocalCa(tmp_path / "ca")
    (tmp_path / "token").write_text(jwt(2e9))
    (tmp_path / "ca.crt").write_bytes(authority.ca_pem)
    terms = await ClusterCredentials(tmp_path).present(cluster(kind="service-account", directory="."))
    assert (terms.token, terms.ca_pem, terms.expires_at) == (jwt(2e9).encode(), authority.ca_pem, 2e9)


async def test_a_client_certificate_is_presented_until_it_ends(tmp_path: Path) -> None:
    authority = LocalCa(tmp_path)
    made = authority.server_certificate(["prod"])
    target = cluster(kind="certificate", certificate="server.pem", key="server.key")
    terms = await ClusterCredentials(tmp_path).present(target)
    assert (terms.certificate_pem, terms.key_pem) == (made.certificate_pem, made.key_pem)
    assert terms.expires_at == made.not_after.timestamp()
    assert repr(made.key_pem) not in repr(terms)


PLUGIN = """\
#!/bin/sh
echo "$KUBERNETES_EXEC_INFO" > told
env > seen
echo ran >> runs
cat answer
"""


class Plugin:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        script = directory / "plugin"
        script.write_text(PLUGIN)
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        self.target = cluster(kind="exec", command=["./plugin", "get-token"], environment=["PLUGIN_SETTING"])

    def answers(self, **status: Any) -> None:
        document = {"kind": "ExecCredential", "apiVersion": API_VERSION, "status": status}
        (self.directory / "answer").write_text(json.dumps(document))

    @property
    def runs(self) -> int:
        return len((self.directory / "runs").read_text().splitlines())


@pytest.fixture
def plugin(tmp_path: Path) -> Plugin:
    return Plugin(tmp_path)


async def test_a_plugin_sees_its_cluster_and_nothing_else_of_the_gateways(
    plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLUGIN_SETTING", "set")
    monkeypatch.setenv("ORDERS_DB_PASSWORD", CANARY)
    plugin.answers(token="from-plugin")
    terms = await ClusterCredentials(plugin.directory).present(plugin.target)
    assert terms.token == b"from-plugin"
    told = json.loads((plugin.directory / "told").read_text())
    assert told["spec"] == {
        "interactive": False,
        "cluster": {"server": "https://10.0.0.9:6443", "tls-server-name": "kubernetes.default"},
    }
    seen = (plugin.directory / "seen").read_text()
    assert "PLUGIN_SETTING=set" in seen
    assert CANARY not in seen


async def test_a_plugin_runs_once_for_all_until_what_it_gave_ends(plugin: Plugin) -> None:
    now = 1_000.0
    credentials = ClusterCredentials(plugin.directory, clock=lambda: now)
    ends = now + 3_600
    plugin.answers(token="t", expirationTimestamp=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ends)))
    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(credentials.present, plugin.target)
    assert (await credentials.present(plugin.target)).expires_at == ends
    assert plugin.runs == 1
    now = ends - RENEW_BEFORE_S + 1
    await credentials.present(plugin.target)
    assert plugin.runs == 2


async def test_what_a_plugin_does_not_date_is_used_for_a_while(plugin: Plugin) -> None:
    credentials = ClusterCredentials(plugin.directory, clock=lambda: 1_000.0)
    plugin.answers(token="t")
    assert (await credentials.present(plugin.target)).expires_at == 1_000 + UNDATED_S
    await credentials.present(plugin.target)
    assert plugin.runs == 1


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("not json", "prints no ExecCredential"),
        (
            '{"kind": "ExecCredential", "apiVersion": "v0", "status": {"token": "' + CANARY + '"}}',
            "prints no",
        ),
        (json.dumps({"kind": "ExecCredential", "apiVersion": API_VERSION, "status": {}}), "neither"),
        (
            json.dumps({"kind": "ExecCredential", "apiVersion": API_VERSION, "status": {"token": 1}}),
            "no Exec",
        ),
        ("[" * 100_000, "prints no ExecCredential"),
        (CANARY * (OUTPUT_BYTES_MAX // len(CANARY) + 1), "prints more than"),
    ],
)
async def test_a_plugin_that_gives_no_credential_is_an_error_without_its_words(
    plugin: Plugin, answer: str, message: str
) -> None:
    (plugin.directory / "answer").write_text(answer)
    with pytest.raises(CredentialError, match=message) as caught:
        await ClusterCredentials(plugin.directory).present(plugin.target)
    assert CANARY not in "".join(traceback.format_exception(caught.value))


async def test_a_plugin_that_fails_or_is_not_there_is_an_error(tmp_path: Path) -> None:
    credentials = ClusterCredentials(tmp_path)
    with pytest.raises(CredentialError, match="ended with 3"):
        await credentials.present(cluster(kind="exec", command=["sh", "-c", "exit 3"]))
    with pytest.raises(CredentialError, match="cannot be run"):
        await credentials.present(cluster(kind="exec", command=["./absent"]))


AGENT = Principal("entra", "t1", "agent-1", "app", name="Bot é", groups=frozenset({"system:masters", "sg"}))


def test_no_claim_becomes_one_of_the_clusters_own_names() -> None:
    seen = impersonation_of(AGENT, "S1")
    assert seen == {
        "user": "narrows:entra/t1/agent-1",
        "groups": ["narrows:agents", "narrows:group:sg", "narrows:group:system:masters"],
        "uid": "agent-1",
        "extra": {"narrows.dev/session": ["S1"], "narrows.dev/name": ["Bot%20%C3%A9"]},
    }


@given(st.text(), st.text())
def test_names_stay_apart_and_fit_a_header(one: str, other: str) -> None:
    users = [
        impersonation_of(Principal("oidc", "t", subject, "app", groups=frozenset({subject})), "S")
        for subject in (one, other)
    ]
    assert (users[0]["user"] == users[1]["user"]) == (one == other)
    for user in users:
        for value in (user["user"], *user["groups"]):
            assert value.startswith("narrows:")
            assert all("!" <= letter <= "~" for letter in value)
