"""`narrows demo`: an agent's own psql through Narrows to a real PostgreSQL, every promise checked."""

from __future__ import annotations

import asyncio  # noqa: TID251 - asyncpg, one of the clients shown, is an asyncio library
import json
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import psycopg
from psycopg.conninfo import make_conninfo

from narrows import recordings
from narrows.demo.host import host
from narrows.demo.postgres import PostgresUnavailable
from narrows.demo.stack import Stack, StackFailed
from narrows.demo.story import ExpectationFailed, Story

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from narrows.recordings.journal import Frame

CARD = "4111111111111111"
SSN = "219-09-9999"
MASKED_CARD = "************1111"
SECRETS_OF_THE_DATABASE = (CARD, SSN, "5500005555555559", "457-55-5462")
WAIT_DEADLINE_S = 10.0


def run(*, keep: bool) -> int:
    """Runs the demo.

    Args:
        keep: Leave everything running at the end and print commands to paste.

    Returns:
        0 when every expectation was met, 1 otherwise.
    """
    story = Story()
    directory = Path(tempfile.mkdtemp(prefix="narrows-demo-"))
    directory.chmod(0o755)
    try:
        story.chapter("Starting an issuer, a PostgreSQL and narrows serve on loopback")
        with host(directory / "host") as web, Stack(directory, host=web) as stack:
            _tell_all(story, stack)
            if keep:
                _keep(story, stack)
    except (ExpectationFailed, StackFailed, PostgresUnavailable) as error:
        story.console.print(f"\n[bold red]The demo failed:[/bold red] {error}", highlight=False, markup=True)
        log = directory / "gateway.log"
        if log.exists():
            story.show(log.read_text(errors="replace")[-2000:])
        return 1
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    story.console.print(f"\n[bold green]All {story.checks} expectations met.[/bold green]")
    return 0


def _tell_all(story: Story, stack: Stack) -> None:
    chapters: list[Callable[[Story, Stack], None]] = [
        _masked_reads,
        _drivers,
        _denials,
        _approvals,
        _refused_evidence,
        _hosts,
        _recordings,
        _no_password_anywhere,
    ]
    story.show(f"gateway {stack.addresses['postgres']}, console https://{stack.addresses['console']}")
    for chapter in chapters:
        chapter(story, stack)


def _masked_reads(story: Story, stack: Stack) -> None:
    story.chapter("1. The agent's own psql, its Entra token as the password")
    token = stack.agent_token()
    story.tell("azure-identity fetched a token for api://narrows; psql sends it over TLS")
    out, err, code = _psql(stack, token, "select id, name, card_number, ssn from customers order by id")
    story.show(out or err)
    story.expect("psql succeeded", code == 0, err)
    story.expect_words("card numbers keep their last four digits", [MASKED_CARD], out)
    story.expect("no card number and no SSN came back", not _leaks(out + err), out + err)
    _, err, _ = _psql(stack, token, "select max(ssn) from customers")
    story.show(err)
    story.expect_words("nor can a value be found out by sorting", ["masked-data", "max"], err)
    out, err, _ = _psql(stack, token, "select count(*), upper(min(name)) as first from customers")
    story.show(out or err)
    story.expect_words("what derives from nothing masked comes out as it is", ["3", "ADA MOREAU"], out)
    out, err, _ = _psql(stack, token, "select 'id ' || ssn as id from customers")
    story.show(out or err)
    story.expect(
        "what derives from a masked column is masked whole", "[redacted]" in out and not _leaks(out), out
    )
    out, err, _ = _psql(stack, token, "select (1 / (id - 1))::text from customers")
    story.show(err)
    story.expect("an error tells its kind and no value", "division by zero" in err and not _leaks(err), err)


def _drivers(story: Story, stack: Stack) -> None:
    story.chapter("2. psycopg with binary results and a prepared statement, and asyncpg")
    token = stack.agent_token()
    text = "select id, card_number, ssn, joined from customers where id = %s"
    with psycopg.connect(make_conninfo(**stack.connection(token)), autocommit=True) as connection:
        cursor = connection.cursor(binary=True)
        rows = [cursor.execute(text, [1], prepare=True).fetchone() for _ in range(3)]
    story.show("\n".join(map(str, rows)))
    story.expect("three executions, three equal rows", len(set(rows)) == 1 and rows[0] is not None, rows)
    row: tuple[Any, ...] = rows[0] or ()
    story.expect("masked, types intact", row[:2] == (1, MASKED_CARD) and row[3].year == 2024, row)
    same = asyncio.run(_asyncpg_row(stack, token))
    story.show(str(same))
    story.expect("asyncpg (always binary) sees the same row", tuple(same) == row, same)


async def _asyncpg_row(stack: Stack, token: str) -> Any:
    told = stack.connection(token)
    connection = await asyncpg.connect(
        host=told["host"], port=int(told["port"]), user=told["user"], database=told["dbname"],
        password=token, ssl=stack.tls_context(),
    )  # fmt: skip
    try:
        statement = await connection.prepare(
            "select id, card_number, ssn, joined from customers where id = $1"
        )
        rows = [await statement.fetchrow(1) for _ in range(3)]
    finally:
        await connection.close()
    return rows[-1]


def _denials(story: Story, stack: Stack) -> None:
    story.chapter("3. Destructive statements are denied, and the session lives on")
    script = "drop table orders;\nupdate orders set status = 'gone';\nselect 'still here' as session;\n"
    out, err, _ = _psql(stack, stack.agent_token(), stdin=script)
    story.show(err + out)
    story.expect_words("each denial names rule, reason and hint", ["never-destroy", "migration", "HINT"], err)
    story.expect("both statements were denied", err.count("Narrows:") == 2, err)
    story.expect_words("the same session went on", ["still here"], out)
    script = "begin;\nselect count(*) from orders;\ndrop table orders;\nselect 1;\n"
    script += "rollback;\nselect 'after' as tx;\n"
    out, err, _ = _psql(stack, stack.agent_token(), stdin=script)
    story.show(err + out)
    story.expect_words(
        "inside a transaction the server itself rolls back", ["current transaction is aborted"], err
    )
    story.expect_words("and the session still works", ["after"], out)
    story.expect("the tables are there", stack.database("select count(*) from orders") == "4")


def _approvals(story: Story, stack: Stack) -> None:
    story.chapter("4. An UPDATE waits for a person")
    dba = stack.person_token()
    update = "update orders set status = 'refunded' where id = 7"

    agent = stack.psql("-c", update, password=stack.agent_token())
    request = wait_for_approval(stack, dba)
    listed = stack.narrows("approvals", "list", token=dba)
    story.show(listed.stdout)
    story.expect("nothing has changed while it waits", _status(stack, 7) == "paid")
    done = stack.narrows("approvals", "approve", request, token=dba)
    story.show(done.stdout or done.stderr)
    out, err = agent.communicate(timeout=WAIT_DEADLINE_S)
    story.show(err + out)
    story.expect_words("psql was told with the approval's id", ["NOTICE", request], err)
    story.expect(
        "approved: the row changed", "UPDATE 1" in out and _status(stack, 7) == "refunded", out + err
    )

    agent = stack.psql("-c", update.replace("7", "8"), password=stack.agent_token())
    request = wait_for_approval(stack, dba)
    own = stack.narrows("approvals", "approve", request, token=stack.agent_token())
    story.show(own.stderr)
    story.expect("the agent cannot approve its own request", own.returncode == 1, own.stdout)
    stack.narrows("approvals", "deny", request, "--reason", "not this one", token=dba)
    out, err = agent.communicate(timeout=WAIT_DEADLINE_S)
    story.show(err + out)
    story.expect_words("denied: psql got the error with the reason", ["ERROR", "not this one"], err)
    story.expect("and the row did not change", _status(stack, 8) == "paid")

    agent = stack.psql("-c", update.replace("7", "9"), password=stack.agent_token())
    request = wait_for_approval(stack, dba)
    agent.send_signal(signal.SIGINT)
    out, err = agent.communicate(timeout=WAIT_DEADLINE_S)
    story.show(err + out)
    story.expect_words("cancelled: psql heard so", ["canceling statement due to user request"], err)
    state = approval_state(stack, request, dba)
    story.expect("the approval request was withdrawn", state == "withdrawn", state)
    story.expect("and the row did not change", _status(stack, 9) == "paid")


def _refused_evidence(story: Story, stack: Stack) -> None:
    story.chapter("5. Evidence that does not hold is refused, and says why")
    cases = [
        ("an expired token", stack.tenant.expired_token(), "expired"),
        ("a token for another audience", stack.tenant.token_for_another_audience(), "audience"),
        ("a token of another tenant", stack.tenant.token_of_another_tenant(), "tenant"),
    ]
    for what, token, word in cases:
        _, err, code = _psql(stack, token, "select 1")
        story.show(err)
        story.expect(f"{what} is refused with its reason", code == 2 and word in err, err)
    minted = stack.narrows("token", "--target", "orders-db", token=stack.agent_token())
    ticket = minted.stdout.strip()
    story.expect(
        "narrows token gives a short ticket", minted.returncode == 0 and len(ticket) < 100, minted.stderr
    )
    out, err, code = _psql(stack, ticket, "select 'in with a ticket' as ticket")
    story.show(out + err)
    story.expect("it opens one session", code == 0, err)
    _, err, code = _psql(stack, ticket, "select 1")
    story.show(err)
    story.expect("a second use is refused", code == 2 and "already used" in err, err)


def _hosts(story: Story, stack: Stack) -> None:
    if stack.host is None or shutil.which("ssh") is None:
        story.chapter(
            "6. The agent's own ssh is not here, so no host is shown: apt-get install openssh-client"
        )
        return
    story.chapter("6. The agent's own ssh, a ticket as its password")
    story.tell(f"the host is {stack.host.what}")
    out, err, code = _ssh(stack, "uname -s | wc -l")
    story.show(out + err)
    story.expect("a command ran", (out.strip(), code) == ("1", 0), err)
    out, err, _ = _ssh(stack, f"echo card {CARD[:4]} {CARD[4:8]} {CARD[8:12]} {CARD[12:]}")
    story.show(out + err)
    story.expect("a card number in its output is masked", "1111" in out and CARD[:8] not in out, out)
    out, err, code = _ssh(stack, "echo on its way; rm -rf /nowhere")
    story.show(err)
    story.expect("what no rule allows is denied, all of it", (out, code) == ("", 126), out + err)
    mark = stack.directory / "host" / "mark"
    agent = stack.ssh(f"touch {mark}", ticket=_ticket(stack))
    dba = stack.person_token()
    request = wait_for_approval(stack, dba)
    story.expect("nothing has changed while a command waits", not mark.exists())
    stack.narrows("approvals", "approve", request, token=dba)
    out, err = agent.communicate(timeout=WAIT_DEADLINE_S)
    story.show(err)
    story.expect_words("ssh was told with the approval's id", [request], err)
    story.expect("approved: it ran", mark.exists() and agent.returncode == 0, err)


def _ticket(stack: Stack) -> str:
    return stack.narrows("token", "--target", "web", token=stack.agent_token()).stdout.strip()


def _ssh(stack: Stack, command: str) -> tuple[str, str, int]:
    process = stack.ssh(command, ticket=_ticket(stack))
    out, err = process.communicate(timeout=WAIT_DEADLINE_S)
    return out, err, process.returncode


def _recordings(story: Story, stack: Stack) -> None:
    story.chapter("7. Who, when, from where, every statement, decision and masked result")
    listed = stack.narrows("sessions", "list")
    story.show(listed.stdout)
    sessions = json.loads(stack.narrows("sessions", "list", "--json").stdout)
    story.expect("sessions are listed", len(sessions) >= 8, listed.stderr)
    replayed = [(each, stack.narrows("replay", each["id"], "--speed", "0").stdout) for each in sessions]
    first = next((text for _, text in replayed if "card_number" in text), "")
    story.show(first)
    story.expect_words(
        "a replay shows statement, decision and masked rows", ["read-orders", MASKED_CARD], first
    )
    everything = "".join(text for _, text in replayed)
    story.expect_words(
        "denials and approvals are in the recordings", ["never-destroy", "refunds-need"], everything
    )
    story.expect("no recording holds a masked value", not _leaks(everything))
    verified = stack.narrows("recordings", "verify")
    story.show(verified.stdout or verified.stderr)
    story.expect("narrows recordings verify passes", verified.returncode == 0, verified.stderr)


def _no_password_anywhere(story: Story, stack: Stack) -> None:
    story.chapter("8. The agent never saw the database's password")
    password = stack.database_password
    story.expect("it is in nothing that was printed", password not in story.spoken)
    places = [path for path in [stack.log, *stack.state.rglob("*")] if path.is_file()]
    holding = [str(path) for path in places if password.encode() in path.read_bytes()]
    story.expect(f"it is in no log, journal or store ({len(places)} files searched)", not holding, holding)
    recorded = b"".join(frame.payload for frame in _frames(stack))
    story.expect("the journal holds no password", password.encode() not in recorded)
    story.expect("the journal holds masked values alone", not _leaks(recorded.decode("latin-1")))


def _frames(stack: Stack) -> Iterator[Frame]:
    """All that was recorded, as it was before it was compressed."""
    for one in json.loads(stack.narrows("sessions", "list", "--json").stdout):
        yield from recordings.read(stack.state / "journal", recordings.session_id(one["id"]))


def _keep(story: Story, stack: Stack) -> None:
    (stack.directory / "agent.token").write_text(stack.agent_token())
    (stack.directory / "dba.token").write_text(stack.person_token())
    told = stack.connection("$TOKEN")
    url = " ".join(f"{key}={value}" for key, value in told.items() if key not in ("password",))
    story.chapter("Everything is left running; Ctrl-C ends it")
    story.console.print(
        f"export NARROWS_CONFIG={stack.config}\n"
        f'PGPASSWORD=$(cat {stack.directory}/agent.token) {stack.psql_program} "{url}"\n'
        f"narrows approvals list --token-file {stack.directory}/dba.token\n"
        f"narrows sessions list",
        markup=False,
    )
    try:
        signal.pause()
    except KeyboardInterrupt:
        story.console.print("stopping")


def _psql(stack: Stack, token: str, command: str = "", *, stdin: str | None = None) -> tuple[str, str, int]:
    arguments = ["-c", command] if command else ["-f", "-"]
    process = stack.psql(*arguments, password=token, stdin=stdin)
    try:
        out, err = process.communicate(timeout=WAIT_DEADLINE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        err += "\n(timed out)"
    return out, err, process.returncode


def wait_for_approval(stack: Stack, token: str) -> str:
    """The id of the pending approval request, once there is one.

    Raises:
        ExpectationFailed: None came in time.
    """
    deadline = time.monotonic() + WAIT_DEADLINE_S
    while time.monotonic() < deadline:
        listed = stack.narrows("approvals", "list", "--state", "pending", "--json", token=token)
        pending = json.loads(listed.stdout or "[]")
        if pending:
            name: str = pending[0]["id"]
            return name
        time.sleep(0.05)
    raise ExpectationFailed(f"no approval request came: {listed.stderr}")


def approval_state(stack: Stack, request: str, token: str) -> str:
    """The state of an approval request."""
    shown = stack.narrows("approvals", "show", request, "--json", token=token)
    state: str = json.loads(shown.stdout)["state"]
    return state


def _status(stack: Stack, order: int) -> str:
    return stack.database(f"select status from orders where id = {order:d}")  # noqa: S608 - an integer


def _leaks(text: str) -> bool:
    return any(secret in text for secret in SECRETS_OF_THE_DATABASE)
