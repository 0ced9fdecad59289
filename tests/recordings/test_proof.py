"""Bundles through the command: what an auditor is given, and what they are told."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path

import pytest

from narrows import _core
from narrows.cli import main
from narrows.config import locate
from narrows.gateway.secrets import listener_certificate
from narrows.plane import start_plane
from narrows.recordings import proof
from narrows.recordings.index.sessions import RecordedSession
from narrows.recordings.retention import Deletion


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A gateway's directory, the current one, with a journal in which one connection was refused."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NARROWS_CONFIG", raising=False)
    assert main(["init"]) == 0
    record_a_refusal(tmp_path)
    return tmp_path


def record_a_refusal(directory: Path) -> None:
    """Has the data plane record somebody who sends nonsense instead of a startup message."""
    where = locate(directory / "narrows.toml")
    plane = start_plane(where)
    certificate = listener_certificate(where)
    address = plane.listen_postgres(
        "127.0.0.1:0", certificate_pem=certificate.certificate_pem, key_pem=certificate.key_pem
    )
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port))) as client:
        client.sendall(b"\0\0\0\x09\0\x03\0\0\0")
        while client.recv(4096):
            pass
    plane.shutdown(1_000)


def sessions() -> list[str]:
    frames = _core.read_journal("state/journal")
    return sorted({_core.session_name(frame.session) for frame in frames if frame.session})


def test_a_bundle_is_verified_with_the_key_alone(here, tmp_path_factory, monkeypatch, capsys):
    (session,) = sessions()
    assert main(["recordings", "verify"]) == 0
    assert main(["recordings", "bundle", session, "-o", "evidence.bundle"]) == 0
    capsys.readouterr()
    assert main(["recordings", "key"]) == 0
    key = capsys.readouterr().out.strip()
    elsewhere = tmp_path_factory.mktemp("auditor")
    for name in ("evidence.bundle", "state/journal/checkpoint"):
        (elsewhere / Path(name).name).write_bytes((here / name).read_bytes())
    (elsewhere / "key").write_text(key + "\n")
    monkeypatch.chdir(elsewhere)

    assert main(["recordings", "verify", "evidence.bundle", "--key", key]) == 0
    said = capsys.readouterr().out
    assert f"session {session}: " in said
    assert "checkpoint: signed, 1 segments" in said
    assert said.endswith("0 problems\n")
    assert main(["recordings", "verify", "evidence.bundle", "--key", "key", "--since", "checkpoint"]) == 0
    capsys.readouterr()
    assert main(["recordings", "verify", "evidence.bundle", "--key", key, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["signed"], found["problems"]) == (1, [])
    assert found["shown"] == [{"session": session, "frames": 2, "closed": True}]


def test_what_is_wrong_is_named_and_is_exit_code_1(here, capsys):
    (session,) = sessions()
    assert main(["recordings", "bundle", session, "-o", "evidence.bundle"]) == 0
    bundle = Path("evidence.bundle")
    key = proof.public_key(Path("state/journal.key"), "")
    whole = bundle.read_bytes()
    bundle.write_bytes(whole.replace(b'"admitted":false', b'"admitted":true '))
    assert main(["recordings", "verify", "evidence.bundle", "--key", key]) == 1
    said = capsys.readouterr().out
    assert "segment 1 at offset 80: the payload's CRC does not match" in said
    assert f"segment 1 at offset 80: session {session}: the hash chain breaks here" in said

    bundle.write_bytes(whole)
    other = proof.public_key(Path("other.key"), "")
    assert main(["recordings", "verify", "evidence.bundle", "--key", other]) == 1
    assert "the checkpoint: it is not signed with the given key" in capsys.readouterr().out
    Path("old").write_text("not a checkpoint\n")
    assert main(["recordings", "verify", "--since", "old"]) == 1
    assert "the checkpoint that was kept: it is not a signed note" in capsys.readouterr().out


def test_misuse_is_exit_code_2_and_what_cannot_be_done_is_1(here, capsys):
    (session,) = sessions()
    assert main(["recordings", "bundle", session, "-o", "evidence.bundle"]) == 0
    assert main(["recordings", "verify", "evidence.bundle"]) == 2
    assert "a bundle is verified with --key" in capsys.readouterr().err
    assert main(["recordings", "bundle", session, "-o", "evidence.bundle"]) == 1
    assert "File exists" in capsys.readouterr().err
    assert main(["recordings", "bundle", _core.session_name(5), "-o", "other.bundle"]) == 1
    assert "it is too new, or there is none" in capsys.readouterr().err
    assert not Path("other.bundle").exists()
    assert main(["recordings", "erase", session, "--yes"]) == 1
    assert "has no key" in capsys.readouterr().err
    assert main(["recordings", "erase", session]) == 2


def test_verification_says_what_retention_deleted_and_by_which_rule(here, capsys):
    (session,) = sessions()
    assert main(["recordings", "verify"]) == 0
    assert "erased" not in capsys.readouterr().out
    began = time.time_ns() // 1_000
    number = _core.session_id(session)
    of = RecordedSession(number, "p", "", "orders-db", "", (), 1, 2, "the agent hung up", {})
    deletion = Deletion(of, "a-month", 30)
    plane = start_plane(locate(here / "narrows.toml"))
    for event in ("deleting", "deleted"):
        plane.note(json.dumps(deletion.note(event)))
    plane.note(json.dumps({"event": "sessions-lost", "sessions": 1}))
    plane.shutdown(1_000)
    assert main(["recordings", "verify"]) == 0
    told = capsys.readouterr().out
    (line,) = [line for line in told.splitlines() if "erased" in line]
    assert line.startswith(f"session {session}: erased 20")
    assert line.endswith(" UTC by rule a-month, older than 30 days")
    assert main(["recordings", "verify", "--json"]) == 0
    (erased,) = json.loads(capsys.readouterr().out)["erased"]
    assert (erased["session"], erased["rule"]) == (session, "a-month")
    assert began <= erased["time_us"] <= time.time_ns() // 1_000

    for segment in Path("state/journal").glob("*.journal"):
        segment.write_bytes(segment.read_bytes().replace(b"a-month", b"another"))
    assert main(["recordings", "verify"]) == 1
    assert "erased" not in capsys.readouterr().out


def test_an_erased_session_still_verifies(here, capsys):
    (first,) = sessions()
    Path("kek").write_bytes(b"k" * 32)
    Path("kek").chmod(0o600)
    with Path("narrows.toml").open("a") as file:
        file.write('\n[journal]\nencryption-keys = ["kek"]\n')
    record_a_refusal(here)
    (second,) = set(sessions()) - {first}
    assert main(["replay", second, "--speed", "0"]) == 0
    assert main(["recordings", "erase", second, "--yes"]) == 0
    capsys.readouterr()
    assert main(["replay", second]) == 1
    assert "was erased" in capsys.readouterr().err
    assert main(["replay", first, "--speed", "0"]) == 0
    assert main(["recordings", "bundle", first, second, "-o", "both.bundle"]) == 0
    key = proof.public_key(Path("state/journal.key"), "")
    assert proof.verify_bundle(Path("both.bundle"), key=key).problems == ()
    assert main(["recordings", "verify"]) == 0
