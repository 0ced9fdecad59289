"""The index says what the journal says, however often its making was cut off."""

from __future__ import annotations

from contextlib import closing
from importlib import import_module

import pytest

from narrows.errors import StoreError
from narrows.recordings import frames
from narrows.recordings.index import IndexWriter, SearchError, Wanted, read_index, search, writer
from narrows.recordings.index.schema import dump
from tests.control.test_transcript import SYNC, bind, message, text
from tests.recordings.journals import KEY, Journal

ONE, TWO = 7, 8


@pytest.fixture
def journal() -> Journal:
    """Two sessions between each other, one of them long enough for places in its middle."""
    journal = Journal()
    journal.open(ONE, 1_000_000)
    journal.open(TWO, 1_000_000, target="stock-db", peer="10.0.0.10:6000", masks=[])
    for number in range(6):
        journal.query(
            ONE, 2_000_000 + number, f"select name from customers where id = {number}", f"Ada{number}"
        )
        journal.query(TWO, 2_000_000, "delete from public.orders", verdict=6)
    journal.add(ONE, 3_000_000, "request", message("P", text("s") + text("select 1") + b"\0\0"))
    journal.add(ONE, 3_000_000, "applied", (5).to_bytes(8, "big"))
    journal.add(ONE, 3_000_000, "request", bind("", "s") + message("E", text("") + bytes(4)) + SYNC)
    journal.add(ONE, 3_000_100, "event", {"event": "masked", "values": 2})
    journal.add(
        ONE,
        3_000_100,
        "reply",
        message("1") + message("2") + message("C", text("SELECT 1")) + message("Z", b"I"),
    )
    journal.close(ONE, 4_000_000)
    return journal


@pytest.fixture
def made(tmp_path, monkeypatch, journal):
    """Makes an index of what `journal` holds, up to some frame of it, in parts of some frames."""
    monkeypatch.setattr(writer, "PLACE_FRAMES", 4)

    def make(*, end=None, size=1_000, name="recordings.db"):
        last = len(journal.frames) if end is None else end
        monkeypatch.setattr(
            writer,
            "read_part",
            lambda _, position: journal.part(position[1], min(position[1] + size, last)),
        )
        path = tmp_path / name
        with closing(IndexWriter(path, frames.Journal(tmp_path))) as making:
            while making.step():
                pass
        return path

    return make


def found(path, **wanted):
    with closing(read_index(path)) as connection:
        return search(connection, Wanted(**wanted))


def test_cut_off_anywhere_and_resumed_it_is_the_same(made, journal):
    whole = dump(made(name="whole.db"))
    for cut in range(len(journal.frames) + 1):
        made(end=cut, size=3, name=f"{cut}.db")
        assert dump(made(size=5, name=f"{cut}.db")) == whole, cut


def test_operations_are_found_by_what_they_are_about(made):
    path = made()
    assert {hit.effect for hit in found(path, table="public.orders")} == {"deny"}
    assert len(found(path, table="orders", verb="delete", effect="deny", rule="never")) == 6
    assert len(found(path, target="stock-db")) == 6
    assert len(found(path, peer="10.0.0.9")) == len(found(path, peer="10.0.0.9:5000")) == 7
    assert len(found(path, principal=KEY)) == len(found(path, principal="support agent")) == 13
    assert [hit.text for hit in found(path, since_us=2_000_005, until_us=3_000_000)] == [
        "select name from customers where id = 5"
    ]
    (masked,) = found(path, mask="cards")
    assert (masked.text, masked.masked, masked.took_us) == ("select 1", 2, 100)
    assert found(path, session=TWO, verb="select") == []


def test_words_are_found_in_statements_and_in_output(made):
    path = made()
    assert [hit.text[-1] for hit in found(path, text="ada3")] == ["3"]
    assert len(found(path, text='"name from" -ada3')) == 5
    assert len(found(path, text="ada*")) == 6
    assert found(path, text="ada*", verb="delete") == []
    (hit,) = found(path, text="ada3", table="customers")
    assert "\x02Ada3\x03" in hit.excerpt
    assert hit.shown()["at_s"] == pytest.approx(1.000003)


def test_nobody_is_found_at_once_and_nothing_odd_is_an_error(made):
    path = made()
    assert found(path, text="select", principal="nobody") == []
    assert found(path, text="ada3", principal=KEY, target="orders-db") != []
    for odd in ("'", "%", "\0", "x" * 10_000):
        assert found(path, principal=odd) == found(path, table=odd) == found(path, peer=odd) == []
    with pytest.raises(SearchError, match="UTF-8"):
        found(path, principal="\udcff")


def test_a_search_that_takes_too_long_ends(made, monkeypatch):
    module = import_module("narrows.recordings.index.search")  # the package has a function of that name
    monkeypatch.setattr(module, "STEPS_CHECKED", 1)
    monkeypatch.setattr(module, "STEPS_MAX", 5)
    with pytest.raises(SearchError, match="too long"):
        found(made(), text="select")


def test_the_next_page_goes_on_where_the_last_one_ended(made):
    path = made()
    everything = [hit.number for hit in found(path)]
    assert everything == sorted(everything, reverse=True)
    pages, before = [], None
    while page := found(path, before=before, limit=4):
        pages += [hit.number for hit in page]
        before = page[-1].number
    assert pages == everything
    assert len(set(pages)) == 13  # six of them were asked in the same microsecond


def test_a_session_without_an_end_gets_one_when_the_gateway_has_noted_it(made, tmp_path):
    path = made()
    with closing(IndexWriter(path, frames.Journal(tmp_path))) as again:
        assert again.open_sessions() == [TWO]
        assert again.end_lost({TWO: (9_000, "the gateway ended without closing it")}) == 1
        assert again.open_sessions() == []


def test_a_recording_that_is_not_understood_hides_no_other(made, journal):
    journal.add(TWO, 5_000_000, "request", b"Q\0\0\0\x01")
    journal.query(TWO, 5_000_001, "select 2")
    journal.open(9, 6_000_000)
    journal.query(9, 6_000_001, "select 3")
    path = made()
    assert len(found(path, session=TWO)) == 6
    assert [hit.text for hit in found(path, session=9)] == ["select 3"]


def test_one_writes_at_a_time(made, tmp_path):
    path = made()
    with (
        closing(IndexWriter(path, frames.Journal(tmp_path))),
        pytest.raises(StoreError, match="another process"),
    ):
        IndexWriter(path, frames.Journal(tmp_path))


def test_an_index_of_another_version_is_made_anew(made, tmp_path):
    path = made()
    with closing(read_index(path)):
        pass
    import sqlite3

    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="another version"):
        read_index(path)
    assert len(found(made())) == 13


def test_an_exec_is_found_by_its_command_and_by_what_it_showed(made, journal):
    three = 9
    call = "GET /api/v1/namespaces/shop/pods/web/exec?command=cat&command=%2Fetc%2Fcards HTTP/1.1\r\n\r\n"
    journal.open(three, 5_000_000, protocol="kubernetes")
    journal.add(three, 5_000_000, "request", call.encode())
    journal.add(three, 5_000_000, "applied", (5).to_bytes(8, "big"))
    journal.add(three, 5_000_001, "reply", b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
    journal.add(three, 5_000_002, "event", {"event": "stream", "verb": "exec"})
    journal.add(three, 5_000_003, "event", {"event": "masked", "values": 1})
    journal.add(three, 5_000_003, "reply", b"\x01card ************4242\n")
    journal.close(three, 6_000_000)
    path = made()
    (hit,) = found(path, text='"etc cards"', verb="exec", resource="pods/exec", namespace="shop")
    assert (hit.session, hit.masked) == (three, 1)
    (hit,) = found(path, text="card 4242")
    assert "************\x024242\x03" in hit.excerpt
