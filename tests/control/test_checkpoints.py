"""Where checkpoints go: each to every place, once, and later where one is out of reach."""

from __future__ import annotations

import base64
import json
from types import SimpleNamespace

import pytest
import trio
from standardwebhooks import Webhook as Verifier

from narrows.config import JournalSection, NotifierSection
from narrows.gateway.checkpoints import RETRY_AFTER_S, Checkpoints
from tests.control.listeners import https_server

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()


def checkpoint(size: int, mark: str = "a") -> str:
    return f"gateway.example/journal\n{size}\n{mark}AAA\n\n\u2014 gateway.example/journal AAAA\n"


@pytest.fixture
def publishing(tmp_path):
    """Makes a publisher of a journal whose newest checkpoint is a file here."""

    def make(notifiers=(), **settings):
        config = SimpleNamespace(journal=JournalSection(**settings), notifier=list(notifiers))
        return Checkpoints(SimpleNamespace(journal=tmp_path, base=tmp_path, config=config))

    return make


async def test_each_checkpoint_becomes_a_file_that_is_never_replaced(
    publishing, tmp_path, autojump_clock, capsys
):
    (tmp_path / "outside").mkdir()
    published = publishing(checkpoint_directories=["outside"])
    async with trio.open_nursery() as nursery:
        nursery.start_soon(published.run)
        await trio.sleep(5)
        assert list((tmp_path / "outside").iterdir()) == []
        for size in (1, 3):
            (tmp_path / "checkpoint").write_text(checkpoint(size))
            await trio.sleep(5)
        (tmp_path / "checkpoint").write_text(checkpoint(3, "b"))
        await trio.sleep(5)
        nursery.cancel_scope.cancel()
    found = {file.name: file.read_text() for file in (tmp_path / "outside").iterdir()}
    assert found == {
        "0000000001.checkpoint": checkpoint(1),
        "0000000003.checkpoint": checkpoint(3),
    }
    assert "is another checkpoint of the same size" in capsys.readouterr().out


async def test_a_place_out_of_reach_gets_the_newest_when_it_is_back(publishing, tmp_path, autojump_clock):
    published = publishing(checkpoint_directories=["outside"])
    (tmp_path / "checkpoint").write_text(checkpoint(1))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(published.run)
        await trio.sleep(5)
        (tmp_path / "checkpoint").write_text(checkpoint(2))
        (tmp_path / "outside").mkdir()
        await trio.sleep(RETRY_AFTER_S)
        nursery.cancel_scope.cancel()
    assert [file.name for file in (tmp_path / "outside").iterdir()] == ["0000000002.checkpoint"]


async def test_a_webhook_is_sent_what_it_can_verify(publishing, tmp_path):
    async with https_server(tmp_path) as server:
        (tmp_path / "url").write_text(server.url)
        (tmp_path / "secret").write_text(SECRET)
        notifier = NotifierSection(
            name="witness",
            kind="webhook",
            url="file:url",
            secret="file:secret",
            allow_private=True,
            ca=str(server.ca),
        )
        published = publishing([notifier], checkpoint_notifiers=["witness"])
        (tmp_path / "checkpoint").write_text(checkpoint(7))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(published.run)
            request = await server.request()
            nursery.cancel_scope.cancel()
    Verifier(SECRET).verify(request.body, dict(request.headers))
    assert json.loads(request.body) == {
        "type": "journal.checkpoint",
        "data": {"origin": "gateway.example/journal", "size": 7, "checkpoint": checkpoint(7)},
    }
