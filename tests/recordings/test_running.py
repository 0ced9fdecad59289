"""What goes on is found while it does, in the sessions of every protocol, and its end makes it no other."""

from __future__ import annotations

import itertools
from contextlib import closing

import pytest

from narrows.operation import Command, Forward, Transfer
from narrows.recordings import frames
from narrows.recordings.index import IndexWriter, Wanted, read_index, search, writer
from narrows.recordings.index.outbox import BEGINNING, events_after
from narrows.recordings.index.schema import dump
from narrows.recordings.transcript import Transcript
from tests.control.test_transcript import COMPLETE, READY, data_row, message, row_description, text
from tests.recordings.journals import Journal
from tests.recordings.test_calls import ANSWER, CALL, EXEC, SWITCHING

ALLOWED, DENIED = (5).to_bytes(8, "big"), (6).to_bytes(8, "big")
OUT = b"\x01"
FORWARDED = {"to_target": {"bytes": 1, "sha256": ""}, "to_agent": {"bytes": 2, "sha256": ""}}


def on(channel: int) -> bytes:
    return channel.to_bytes(4, "big")


def statements(journal: Journal) -> None:
    """A statement whose rows take long, and one that waits for people."""
    journal.open(1, 10)
    journal.query(1, 11, "select 1")
    journal.add(1, 12, "request", message("Q", text("select name from customers")))
    journal.add(1, 12, "applied", ALLOWED)
    journal.add(1, 13, "reply", row_description(("a", 25, 0)) + data_row(b"Ada"))
    journal.add(1, 14, "reply", data_row(b"Grace"))
    journal.add(1, 15, "reply", data_row(b"Edsger") + COMPLETE + READY)
    journal.add(1, 16, "request", message("Q", text("drop table customers")))
    journal.add(1, 17, "applied", DENIED)
    journal.add(1, 18, "reply", message("E", b"C42501\0Mno\0\0") + READY)
    journal.close(1, 19)


def decide(journal: Journal, time_us: int, channel: int, effect: str, rule: str) -> None:
    """A verdict of an SSH session, which is written when it is applied."""
    number = len(journal.frames)
    journal.add(2, time_us, "verdict", {"id": number, "channel": channel, "effect": effect, "rule": rule})
    journal.add(2, time_us, "applied", number.to_bytes(8, "big"))


def commands(journal: Journal) -> None:
    """Two commands and a forward at one time, decided in another order than they were asked; then files."""
    journal.open(2, 10, protocol="ssh", target="web")
    journal.begin(2, 11, 1, Command("tail -f /var/log/customers", "deploy"))
    journal.begin(2, 11, 2, Command("rm -rf /srv", "deploy"))
    journal.begin(2, 11, 3, Forward("db", 5432))
    decide(journal, 12, 2, "deny", "r2")
    decide(journal, 12, 3, "allow", "r3")
    decide(journal, 12, 1, "allow", "r1")
    journal.add(2, 12, "event", {"event": "exit", "channel": 2, "status": 126})
    journal.add(2, 13, "reply", on(1) + OUT + b"Ada was here\n")
    journal.add(2, 14, "reply", on(1) + OUT + b"and Grace\n")
    journal.add(2, 15, "event", {"event": "forward-ended", "channel": 3} | FORWARDED)
    journal.add(2, 16, "event", {"event": "exit", "channel": 1, "status": 0})
    journal.begin(2, 17, 4, Command("sftp", "deploy", start="subsystem"))
    decide(journal, 17, 4, "allow", "files")
    journal.begin(2, 18, 4, Transfer("get", ("/srv/customers.csv",), "deploy"))
    decide(journal, 18, 4, "allow", "files")
    journal.add(2, 19, "event", {"event": "exit", "channel": 4, "status": 3})
    journal.begin(2, 20, 5, Forward("elsewhere", 22))
    decide(journal, 20, 5, "deny", "no")
    journal.begin(2, 21, 6, Command("true", "deploy"))
    journal.close(2, 21)


def calls(journal: Journal) -> None:
    """A connection that is kept, and becomes an exec."""
    journal.open(3, 10, protocol="kubernetes", target="prod")
    for time_us in (11, 12):
        journal.add(3, time_us, "request", CALL)
        journal.add(3, time_us, "applied", ALLOWED)
        journal.add(3, time_us, "reply", ANSWER[:60])
        journal.add(3, time_us, "reply", ANSWER[60:])
    journal.add(3, 13, "event", {"event": "refused", "code": 400, "message": "odd path"})
    journal.add(3, 13, "reply", b"HTTP/1.1 400 Bad Request\r\n\r\n{}")
    journal.add(3, 14, "request", EXEC)
    journal.add(3, 14, "applied", ALLOWED)
    journal.add(3, 14, "reply", SWITCHING)
    journal.add(3, 15, "event", {"event": "stream", "verb": "exec"})
    journal.add(3, 16, "reply", b"\x01customers of Ada\n")
    journal.add(3, 17, "request", b"\x00typed\n")
    journal.add(3, 18, "reply", b"\x01and of Grace\n")
    journal.close(3, 19)


SESSIONS = (statements, commands, calls)


def mixed() -> Journal:
    """All of them between one another, many operations in the same microsecond."""
    parts = []
    for write in SESSIONS:
        journal = Journal()
        write(journal)
        parts.append(journal.frames)
    journal = Journal()
    for frame in itertools.chain.from_iterable(itertools.zip_longest(*parts)):
        if frame is not None:
            journal.add(frame.session, frame.time_us, frame.kind, frame.payload)
    return journal


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Makes an index of a journal up to some frame, in parts of some frames."""
    monkeypatch.setattr(writer, "PLACE_FRAMES", 3)

    def make(journal, *, end=None, size=1_000, name="recordings.db"):
        last = len(journal.frames) if end is None else end
        monkeypatch.setattr(
            writer, "read_part", lambda _, position: journal.part(position[1], min(position[1] + size, last))
        )
        path = tmp_path / name
        with closing(IndexWriter(path, frames.Journal(tmp_path))) as making:
            while making.step():
                pass
        return path

    return make


def behind(journal, words):
    """The place behind the first frame that has these words."""
    return next(at for at, frame in enumerate(journal.frames, 1) if words in frame.payload)


def found(path, **wanted):
    with closing(read_index(path)) as connection:
        return search(connection, Wanted(**wanted))


def told(path):
    with closing(read_index(path)) as connection:
        return [
            (event.session.id, event.operation.text)
            for event in events_after(connection, BEGINNING, 1_000)
            if event.operation is not None
        ]


def test_cut_off_anywhere_and_resumed_it_is_the_same(made):
    journal = mixed()
    whole = dump(made(journal, name="whole.db"))
    for cut in range(len(journal.frames) + 1):
        made(journal, end=cut, size=3, name=f"{cut}.db")
        assert dump(made(journal, size=4, name=f"{cut}.db")) == whole, cut


def test_what_is_found_while_it_goes_on_is_what_the_frames_so_far_say(made):
    """An index made step by step is at every step the one that is made of as many frames at once."""
    journal = mixed()
    for end in range(1, len(journal.frames) + 1):
        at_once = dump(made(journal, end=end, name=f"{end}.db"))
        assert dump(made(journal, end=end, size=1, name="grown.db")) == at_once, end


@pytest.mark.parametrize(
    ("write", "text"),
    [
        (statements, "select name from customers"),
        (commands, "tail -f /var/log/customers"),
        (calls, EXEC.split(b" ")[1].decode()),
    ],
)
def test_what_runs_is_found_by_its_words_and_by_its_output(made, write, text):
    journal = Journal()
    write(journal)
    path = made(journal, end=behind(journal, b"Ada"))
    (running,) = [hit for hit in found(path, text="Ada") if not hit.ended]
    assert running.text.endswith(text)
    assert running.effect == "allow"
    assert found(path, text="Grace") == []
    assert (running.session, running.text) not in told(path)

    path = made(journal)
    (over,) = found(path, text="Grace Ada", effect="allow", rule=running.rule)
    assert (over.number, over.ended, over.moment) == (running.number, True, running.moment)
    assert [one for one in told(path) if one == (over.session, over.text)] == [(over.session, over.text)]


def test_what_waits_for_people_is_found_once_they_have_decided(made):
    journal = Journal()
    statements(journal)
    asked = behind(journal, b"drop")
    assert found(made(journal, end=asked), text="drop") == []
    (denied,) = found(made(journal, end=asked + 1), text="drop")
    assert (denied.effect, denied.ended) == ("deny", False)


def test_every_operation_of_a_connection_has_its_own_decision_and_end(made):
    journal = Journal()
    commands(journal)
    decided = {hit.text: (hit.effect, hit.rule, hit.took_us) for hit in found(made(journal))}
    assert decided == {
        "tail -f /var/log/customers": ("allow", "r1", 5),
        "rm -rf /srv": ("deny", "r2", 1),
        "db:5432": ("allow", "r3", 4),
        "sftp": ("allow", "files", 2),
        "get /srv/customers.csv": ("allow", "files", 0),
        "elsewhere:22": ("deny", "no", 0),
        "true": ("withdrawn", "", 0),
    }


def test_exports_are_sent_what_has_ended_though_another_goes_on(made):
    journal = Journal()
    commands(journal)
    path = made(journal, end=behind(journal, b"Ada"))
    assert told(path) == [(2, "rm -rf /srv")]
    assert {hit.text: hit.ended for hit in found(path)} == {
        "tail -f /var/log/customers": False, "rm -rf /srv": True, "db:5432": False,
    }  # fmt: skip


@pytest.mark.parametrize("write", SESSIONS)
def test_a_transcript_goes_on_wherever_nothing_is_under_way(write):
    journal = Journal()
    write(journal)
    whole = [list(part) for part in _fed(Transcript(), journal.frames)]
    reading, resumed = Transcript(), 0
    for at, frame in enumerate(journal.frames):
        if at and reading.is_quiet_before(frame):
            again = Transcript.resumed(reading.state())
            assert [list(part) for part in _fed(again, journal.frames[at:])] == whole[at:]
            resumed += 1
        list(reading.feed(frame))
    assert resumed > 1


def _fed(transcript, frames):
    return [list(transcript.feed(frame)) for frame in frames]
