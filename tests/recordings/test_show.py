"""What an auditor reads out of a bundle, far from any gateway: verified first, marked where it is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from narrows.cli import main
from narrows.recordings import bundles, content_keys, proof
from narrows.recordings.frames import Journal, frames_of
from narrows.recordings.journal import session_id
from narrows.recordings.transcript import transcript
from tests.recordings.test_proof import record_a_refusal, sessions


@pytest.fixture
def audit(tmp_path, tmp_path_factory, monkeypatch):
    """An encrypted journal, bundled and handed over; here is the auditor's directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NARROWS_CONFIG", raising=False)
    assert main(["init"]) == 0
    key = tmp_path / "kek"
    key.write_bytes(b"k" * 32)
    key.chmod(0o600)
    with Path("narrows.toml").open("a") as file:
        file.write('\n[journal]\nencryption-keys = ["kek"]\n')
    record_a_refusal(tmp_path)
    record_a_refusal(tmp_path)
    one, two = sessions()
    assert main(["recordings", "bundle", one, two, "-o", "evidence.bundle"]) == 0
    assert main(["recordings", "bundle", one, "-o", "one.bundle", "--content-keys", "one.keys"]) == 0
    assert main(["recordings", "bundle", one, two, "-o", "both.bundle", "--content-keys", "both.keys"]) == 0
    elsewhere = tmp_path_factory.mktemp("auditor")
    for name in ("evidence.bundle", "one.keys", "both.keys"):
        (elsewhere / name).write_bytes(Path(name).read_bytes())
    (elsewhere / "log.key").write_text(proof.public_key(Path("state/journal.key"), "") + "\n")
    monkeypatch.chdir(elsewhere)
    return tmp_path, one, two


def show(capsys, *arguments):
    capsys.readouterr()
    code = main(["recordings", "show", "evidence.bundle", "--key", "log.key", *arguments])
    return code, *capsys.readouterr()


def test_what_is_read_is_what_the_gateway_recorded(audit):
    gateway, *names = audit
    journal = Journal(gateway / "state" / "journal", (gateway / "kek",))
    keys = content_keys.read(Path("both.keys"))
    assert bundles.sessions(Path("evidence.bundle")) == [session_id(name) for name in names]
    for session in map(session_id, names):
        recorded = list(transcript(frames_of(journal, session)))
        assert list(bundles.moments(Path("evidence.bundle"), session, keys)) == recorded
        assert recorded[-1].event == "close"


def test_verification_comes_first_then_what_happened(audit, capsys):
    _, one, two = audit
    code, out, _ = show(capsys, "--content-keys", "both.keys")
    assert code == 0
    verified, _, shown = out.partition("0 problems\n")
    assert f"session {one}: " in verified
    assert "checkpoint: signed" in verified
    assert shown.count("session closed") == 2
    assert "NOT PROVEN" not in shown

    code, out, _ = show(capsys, "--content-keys", "both.keys", "--json", "--session", two)
    first, *moments = map(json.loads, out.splitlines())
    assert (first["verified"], first["verification"]["problems"]) == (True, [])
    assert {(one["session"], one["verified"]) for one in moments} == {(two, True)}
    assert moments[-1]["event"] == "close"


def test_a_sessions_key_opens_no_other(audit, capsys):
    _, one, two = audit
    assert show(capsys, "--content-keys", "one.keys", "--session", one)[0] == 0
    for given in ((), ("--content-keys", "one.keys")):
        code, out, complaint = show(capsys, *given, "--session", two)
        assert code == 1
        assert "is encrypted" in complaint
        assert "session closed" not in out


def test_what_does_not_verify_is_shown_on_demand_alone_and_marked(audit, capsys):
    Path("log.key").write_text(proof.public_key(Path("other.key"), ""))
    given = ("--content-keys", "both.keys")
    code, out, complaint = show(capsys, *given)
    assert code == 1
    assert "not signed with the given key" in out
    assert "session closed" not in out
    assert "it proves nothing" in complaint

    code, out, _ = show(capsys, *given, "--despite-problems")
    assert code == 1
    shown = out.partition(" problems\n")[2].splitlines()
    assert any("session closed" in line for line in shown)
    assert all(line.startswith("NOT PROVEN ") for line in shown if line)
    code, out, _ = show(capsys, *given, "--despite-problems", "--json")
    first, *moments = map(json.loads, out.splitlines())
    assert not first["verified"]
    assert not any(one["verified"] for one in moments)


def test_keys_are_written_once_and_for_their_owner_alone(audit, monkeypatch, capsys):
    gateway, one, _ = audit
    monkeypatch.chdir(gateway)
    assert Path("one.keys").stat().st_mode & 0o777 == 0o600
    assert main(["recordings", "bundle", one, "-o", "again.bundle", "--content-keys", "one.keys"]) == 1
    assert "File exists" in capsys.readouterr().err
    assert main(["recordings", "erase", one, "--yes"]) == 0
    assert main(["recordings", "bundle", one, "-o", "gone.bundle", "--content-keys", "gone.keys"]) == 1
    assert "was destroyed" in capsys.readouterr().err
    assert not Path("gone.keys").exists()


@pytest.mark.parametrize(
    "content", [b"\xff", b"secret\n", b"0000000000001 secret\n", b"0000000000001 AAAA\n"]
)
def test_what_is_no_file_of_keys_is_told_and_not_shown(audit, capsys, content):
    Path("odd.keys").write_bytes(content)
    code, _, complaint = show(capsys, "--content-keys", "odd.keys")
    assert code == 1
    assert "odd.keys" in complaint
    assert "secret" not in complaint


def test_misuse_is_told(audit, capsys):
    assert main(["recordings", "show", "evidence.bundle"]) == 2
    assert show(capsys, "--asciicast", "3", "--content-keys", "both.keys")[0] == 2
    code, _, complaint = show(capsys, "--session", "0000000000005")
    assert (code, "shows nothing of session" in complaint) == (1, True)
