"""`narrows kubeconfig` and `narrows kube-token`: what they print, and that it holds no secret."""

from __future__ import annotations

import base64
import json
import sys

import pytest
import yaml

from narrows.cli import main
from narrows.pki import LocalCa
from tests.kubernetes.world import CONFIGURATION

JWT = "e30.eyJleHAiOiAyMDAwMDAwMDAwfQ.c2ln"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("NARROWS_CONFIG", "NARROWS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def gateway(here):
    """A gateway's own machine, with its configuration and its local CA."""
    (here / "narrows.toml").write_text(CONFIGURATION.replace("127.0.0.1:0", "127.0.0.1:6443"))
    return LocalCa(here / "state")


def printed(capsys, *arguments):
    assert main(list(arguments)) == 0
    return yaml.safe_load(capsys.readouterr().out)


def test_every_cluster_gets_a_context_with_the_gateways_ca(gateway, capsys):
    document = printed(capsys, "kubeconfig")
    (prod, staging) = document["clusters"]
    assert prod["cluster"]["server"] == "https://127.0.0.1:6443/clusters/prod"
    assert staging["cluster"]["server"] == "https://127.0.0.1:6443/clusters/staging"
    assert base64.b64decode(prod["cluster"]["certificate-authority-data"]) == gateway.ca_pem
    assert document["current-context"] == "prod"
    assert [one["name"] for one in document["contexts"]] == ["prod", "staging"]
    plugin = document["users"][0]["user"]["exec"]
    assert plugin["args"] == ["kube-token", "--audience", "api://narrows"]
    assert plugin["interactiveMode"] == "Never"


def test_a_running_gateway_says_where_it_listens(gateway, here, capsys):
    (here / "state" / "listeners.json").write_text('{"kubernetes": "127.0.0.1:40000"}')
    document = printed(capsys, "kubeconfig", "prod", "--context", "mine")
    assert document["clusters"][0]["cluster"]["server"].startswith("https://127.0.0.1:40000/")
    assert document["current-context"] == document["clusters"][0]["name"] == "mine"


def test_an_agents_machine_needs_no_configuration(here, capsys):
    authority = LocalCa(here / "elsewhere")
    document = printed(
        capsys,
        *("kubeconfig", "prod", "--server", "https://gw.example:6443/", "--ca", str(authority.ca_file)),
        *("--token-file", "token"),
    )
    cluster = document["clusters"][0]["cluster"]
    assert cluster["server"] == "https://gw.example:6443/clusters/prod"
    assert base64.b64decode(cluster["certificate-authority-data"]) == authority.ca_pem
    assert document["users"][0]["user"]["exec"]["args"] == ["kube-token", "--token-file", str(here / "token")]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["prod", "--server", "http://gw:6443"], 2, "no https:// address"),
        (["a", "b", "--server", "https://gw", "--context", "x"], 2, "several targets"),
        (["prod", "--server", "https://gw", "--ca", "absent.pem"], 1, "cannot be read"),
        (["prod"], 1, "narrows.toml"),
    ],
)
def test_what_cannot_be_is_said(here, capsys, arguments, code, message):
    assert main(["kubeconfig", *arguments]) == code
    assert message in capsys.readouterr().err


def credential(capsys, *arguments):
    assert main(["kube-token", *arguments]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["kind"], document["apiVersion"]) == (
        "ExecCredential",
        "client.authentication.k8s.io/v1",
    )
    return document["status"]


def test_a_token_comes_from_a_file_a_command_or_the_environment(here, capsys, monkeypatch):
    dated = {"token": JWT, "expirationTimestamp": "2033-05-18T03:33:20Z"}
    (here / "token").write_text(f"{JWT}\n")
    assert credential(capsys, "--token-file", "token") == dated
    assert credential(capsys, "--token-command", f"{sys.executable} -c 'print(\"{JWT}\")'") == dated
    monkeypatch.setenv("NARROWS_TOKEN", "opaque")
    assert credential(capsys, "--audience", "api://narrows") == {"token": "opaque"}


def test_a_token_comes_from_entra_by_the_default_chain(here, capsys, monkeypatch):
    from azure.core.credentials import AccessToken

    asked = []

    class Chain:
        def get_token(self, *scopes):
            asked.extend(scopes)
            return AccessToken("from-entra", 2_000_000_000)

    monkeypatch.setattr("azure.identity.DefaultAzureCredential", Chain)
    assert credential(capsys, "--audience", "api://narrows") == {
        "token": "from-entra",
        "expirationTimestamp": "2033-05-18T03:33:20Z",
    }
    assert asked == ["api://narrows/.default"]


def test_what_entra_refuses_is_an_error_and_no_token(here, capsys, monkeypatch):
    from azure.core.exceptions import ClientAuthenticationError

    class Chain:
        def get_token(self, *scopes):
            raise ClientAuthenticationError("nobody is signed in\nand much more")

    monkeypatch.setattr("azure.identity.DefaultAzureCredential", Chain)
    assert main(["kube-token", "--audience", "api://narrows"]) == 1
    streams = capsys.readouterr()
    assert (streams.out, streams.err.count("nobody is signed in")) == ("", 1)
    assert "much more" not in streams.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 1, "--audience"),
        (["--token-command", "false"], 1, "ended with 1"),
        (["--token-command", "true"], 1, "printed no token"),
        (["--token-command", " "], 2, "empty"),
        (["--token-command", "/absent/program"], 1, "cannot be run"),
        (["--token-file", "absent"], 1, "cannot be read"),
    ],
)
def test_no_token_is_an_error(here, capsys, arguments, code, message):
    assert main(["kube-token", *arguments]) == code
    streams = capsys.readouterr()
    assert streams.out == ""
    assert message in streams.err


def test_without_azure_identity_it_says_what_to_install(here, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "azure.identity", None)
    assert main(["kube-token", "--audience", "api://narrows"]) == 1
    assert "pip install 'narrows[entra]'" in capsys.readouterr().err
