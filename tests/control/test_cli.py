"""The command, through `main`: what it prints, where, and with which exit code."""

from __future__ import annotations

import functools
import json

import httpx
import pytest

from narrows.cli import main
from narrows.cli.init import CONFIGURATION
from narrows.recordings import session_name
from narrows.store import decisions, open_store, sessions
from narrows.store.decisions import DecisionRow
from narrows.store.sessions import SessionRow
from tests.control.simulation import AGENT

RECORD = {"session": "x", "principal": {"key": AGENT.key, "name": "a \x1b[31m red agent"}}
APPROVAL = {
    "id": "apr_abcdefghij",
    "state": "requested",
    "principal": AGENT.key,
    "principal_name": "support agent",
    "target": "orders-db",
    "database": "orders",
    "statement": "UPDATE orders SET note = '\x1b[2J\u202e'",
    "document": {"parameters": [], "transaction": "idle"},
    "digest": "ab" * 32,
    "rule": "refunds-need-a-person",
    "reason": "a refund needs a person",
    "requested_ms": 0,
    "expires_ms": 900_000,
    "close_reason": "",
    "votes": [],
    "quorum": 2,
    "scope": "shape",
    "grant_ms": 3_600_000,
    "grant_uses": 5,
    "preview": {"relation": "public.orders", "rows": 1, "more": False, "sample": []},
    "needs_review": True,
    "review": None,
    "notified": [{"notifier": "dba\x1b", "state": "retrying", "attempts": 2, "error": "it answered 503"}],
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A directory as `narrows init` makes it, which is the current one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NARROWS_CONFIG", raising=False)
    monkeypatch.delenv("NARROWS_TOKEN", raising=False)
    assert main(["init"]) == 0
    return tmp_path


@pytest.fixture
def stored(here):
    """A store with one session and one decision."""
    store = open_store(here / "state" / "narrows.db")
    store.run_here(sessions.add, SessionRow(7, AGENT.key, "orders-db", "peer:1", 1_000, json.dumps(RECORD)))
    row = DecisionRow(1_000, 7, AGENT.key, "orders-db", "allow", "read-orders", "", "", "SELECT 1", "v1")
    store.run_here(decisions.add, [row])
    store.close()


class Console:
    """Keeps what it was asked, and answers with `answer`."""

    def __init__(self):
        self.asked = []
        self.answer = httpx.Response(200, json=APPROVAL)

    def __call__(self, request):
        self.asked.append(request)
        return self.answer


@pytest.fixture
def console(here, monkeypatch):
    console = Console()
    transport = httpx.MockTransport(console)
    monkeypatch.setattr(httpx, "Client", functools.partial(httpx.Client, transport=transport))
    monkeypatch.setenv("NARROWS_TOKEN", "the-token")
    return console


def test_help_lists_every_command(capsys):
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    for command in ("init", "serve", "check", "policy", "approvals", "sessions", "replay", "token", "demo"):
        assert command in shown


@pytest.mark.parametrize("argv", [[], ["nosuch"], ["replay"], ["replay", "x", "--speed", "-1"], ["sessions"]])
def test_usage_errors_exit_with_2(argv, capsys):
    assert main(argv) == 2
    assert "usage:" in capsys.readouterr().err


def test_init_does_not_overwrite(here, capsys):
    (here / "narrows.toml").write_text("mine")
    assert main(["init"]) == 1
    assert (here / "narrows.toml").read_text() == "mine"
    assert "exists already" in capsys.readouterr().err
    assert (here / "state" / "ca.key").stat().st_mode & 0o077 == 0


def test_check_tells_what_is_missing_and_then_that_nothing_is(here, capsys, monkeypatch):
    monkeypatch.delenv("ORDERS_DB_PASSWORD", raising=False)
    assert main(["check"]) == 1
    assert "ORDERS_DB_PASSWORD" in capsys.readouterr().err
    monkeypatch.setenv("ORDERS_DB_PASSWORD", "hunter2-secret")
    assert main(["check"]) == 0
    captured = capsys.readouterr()
    assert "in order" in captured.out
    assert "hunter2" not in captured.out + captured.err


def test_check_names_file_and_line(here, capsys):
    (here / "policies" / "base.toml").write_text("[[rule]]\nid = 7\n")
    (here / "narrows.toml").write_text(CONFIGURATION.replace('kind = "postgres"', 'kind = "oracle"'))
    assert main(["check"]) == 1
    assert "narrows.toml:17:" in capsys.readouterr().err
    (here / "narrows.toml").write_text(CONFIGURATION)
    assert main(["check"]) == 1
    assert "base.toml:" in capsys.readouterr().err


def test_a_missing_configuration_is_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["sessions", "list"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_sessions_before_the_first_start(here, capsys):
    assert main(["sessions", "list"]) == 1
    assert "narrows serve" in capsys.readouterr().err


def test_sessions_list_and_show(stored, capsys):
    name = session_name(7)
    assert main(["sessions", "list", "--json"]) == 0
    assert [one["id"] for one in json.loads(capsys.readouterr().out)] == [name]
    assert main(["sessions", "list"]) == 0
    table = capsys.readouterr().out
    assert "\x1b[31m" not in table
    assert main(["sessions", "show", name, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["decisions"][0]["rule"] == "read-orders"
    assert main(["sessions", "show", name]) == 0
    assert "SELECT 1" in capsys.readouterr().out


@pytest.mark.parametrize("name", [session_name(8), "nonsense", "../../etc"])
def test_a_session_that_is_none_is_refused(stored, name, capsys):
    assert main(["sessions", "show", name]) == 1
    assert main(["replay", name]) == 1
    assert "narrows:" in capsys.readouterr().err


def test_approvals_are_shown_without_what_they_could_do_to_a_terminal(console, capsys):
    assert main(["approvals", "show", "apr_abcdefghij"]) == 0
    shown = capsys.readouterr().out
    assert "UPDATE orders" in shown
    assert "ab" * 32 in shown
    assert not {"\x1b", "\u202e"} & set(shown)
    assert console.asked[0].headers["authorization"] == "Bearer the-token"


def test_approvals_list_asks_for_what_waits(console, capsys):
    console.answer = httpx.Response(200, json={"approvals": [APPROVAL]})
    assert main(["approvals", "list", "--state", "pending", "--json"]) == 0
    assert console.asked[0].url.params["state"] == "requested"
    assert json.loads(capsys.readouterr().out) == [APPROVAL]
    assert main(["approvals", "list"]) == 0
    assert "\x1b[2J" not in capsys.readouterr().out


def test_a_refusal_is_told_with_its_hint(console, capsys):
    console.answer = httpx.Response(403, json={"error": "x", "message": "not yours", "hint": "ask Dana"})
    assert main(["approvals", "approve", "apr_abcdefghij"]) == 1
    assert capsys.readouterr().err == "narrows: not yours\nhint: ask Dana\n"


def test_a_token_becomes_a_ticket_on_stdout_alone(console, capsys, here):
    (here / "token").write_text("from-a-file\n")
    console.answer = httpx.Response(200, json={"access_token": "nrw_ticket"})
    assert main(["token", "--target", "orders-db", "--token-file", "token"]) == 0
    assert capsys.readouterr().out == "nrw_ticket\n"
    assert b"subject_token=from-a-file&" in console.asked[0].content
    assert "authorization" not in console.asked[0].headers


def test_a_vote_carries_digest_and_reason(console, capsys):
    assert main(["approvals", "deny", "apr_abcdefghij", "--digest", "abab", "--reason", "no"]) == 0
    assert console.asked[0].url.path == "/v1/approvals/apr_abcdefghij/deny"
    assert json.loads(console.asked[0].content) == {"digest": "abab", "reason": "no"}


def test_what_a_yes_would_do_is_shown(console, capsys):
    console.answer = httpx.Response(200, json=APPROVAL)
    assert main(["approvals", "show", "apr_abcdefghij"]) == 0
    shown = capsys.readouterr().out
    for text in ("1 row of public.orders", "this shape, 5 times, for 60 min", "review", "it answered 503"):
        assert text in shown
    assert "\x1b" not in shown


def test_breaking_the_glass_needs_a_reason(console, capsys):
    assert main(["approvals", "break-glass", "apr_abcdefghij"]) == 2
    assert console.asked == []
    assert main(["approvals", "break-glass", "apr_abcdefghij", "--reason", "checkout is down"]) == 0
    assert console.asked[0].url.path == "/v1/approvals/apr_abcdefghij/break-glass"


def test_what_is_due_for_review_is_listed(console, capsys):
    console.answer = httpx.Response(200, json={"approvals": [APPROVAL]})
    assert main(["approvals", "review", "--json"]) == 0
    assert console.asked[0].url.params["review"] == "due"
    console.answer = httpx.Response(200, json=APPROVAL)
    assert main(["approvals", "review", "apr_abcdefghij", "--reason", "it was right"]) == 0
    assert console.asked[1].url.path == "/v1/approvals/apr_abcdefghij/review"


def test_without_a_token_nothing_is_asked(here, capsys):
    assert main(["approvals", "list"]) == 1
    assert "NARROWS_TOKEN" in capsys.readouterr().err


def test_a_console_that_is_down_is_one_line_and_a_hint(here, monkeypatch, capsys):
    monkeypatch.setenv("NARROWS_TOKEN", "the-token")
    assert main(["approvals", "list", "--url", "https://127.0.0.1:1"]) == 1
    captured = capsys.readouterr().err
    assert "narrows serve" in captured
    assert "the-token" not in captured
    assert "Traceback" not in captured


CLUSTER = """
[[target]]
name = "prod"
kind = "kubernetes"
address = "10.0.0.9:6443"
credential = {{ {credential} }}
"""


@pytest.mark.parametrize(
    ("credential", "message"),
    [
        ('kind = "token", secret = "env:PROD_TOKEN"', "PROD_TOKEN is not set"),
        ('kind = "exec", command = ["sh", "-c", "exit 7"]', "ended with 7"),
        ('kind = "service-account", directory = "absent"', "absent"),
    ],
)
def test_check_tries_a_clusters_credential(here, capsys, monkeypatch, credential, message):
    monkeypatch.setenv("ORDERS_DB_PASSWORD", "x")
    monkeypatch.delenv("PROD_TOKEN", raising=False)
    configuration = here / "narrows.toml"
    configuration.write_text(configuration.read_text() + CLUSTER.format(credential=credential))
    assert main(["check"]) == 1
    assert message in capsys.readouterr().err
    monkeypatch.setenv("PROD_TOKEN", "t")
    good = CLUSTER.format(credential='kind = "token", secret = "env:PROD_TOKEN"')
    configuration.write_text(CONFIGURATION + good)
    assert main(["check"]) == 0
