"""Where checkpoints go: each to every place, once, and later where one is out of reach."""

from __future__ import annotations

import base64
import json
from types import SimpleNamespace

import pytest
import trio
from standardwebhooks import Webhook as Verifier

from narrows.config import JournalSection, NotifierSection
from narrows.gateway import checkpoints
from narrows.gateway.checkpoints import Checkpoints
from tests.control.listeners import https_server

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()


def checkpoint(size: int, mark: str = "a") -> str:
    return f"gateway.example/journal\n{size}\n{mark}AAA\n\n\u2014 gateway.example/journal AAAA\n"


def replace(file, text):
    """As the journal does it: whoever reads finds the old one or the new one."""
    new = file.with_suffix(".new")
    new.write_text(text)
    new.rename(file)


async def until(holds):
    with trio.fail_after(20):
        while not holds():  # noqa: ASYNC110, a file tells nobody that it has changed
            await trio.sleep(0.01)


@pytest.fixture
def publishing(tmp_path, monkeypatch):
    """Makes a publisher of a journal whose newest checkpoint is a file here."""

    monkeypatch.setattr(checkpoints, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(checkpoints, "RETRY_AFTER_S", 0.01)

    def make(notifiers=(), **settings):
        config = SimpleNamespace(journal=JournalSection(**settings), notifier=list(notifiers))
        return Checkpoints(SimpleNamespace(journal=tmp_path, base=tmp_path, config=config))

    return make


async def test_each_checkpoint_becomes_a_file_that_is_never_replaced(publishing, tmp_path, capsys):
    outside = tmp_path / "outside"
    outside.mkdir()
    published = publishing(checkpoint_directories=["outside"])
    said = ""

    def complains():
        nonlocal said
        said += capsys.readouterr().out
        return "is another checkpoint of the same size" in said

    async with trio.open_nursery() as nursery:
        nursery.start_soon(published.run)
        for size in (1, 3):
            replace(tmp_path / "checkpoint", checkpoint(size))
            await until(lambda size=size: (outside / f"{size:010}.checkpoint").exists())
        replace(tmp_path / "checkpoint", checkpoint(3, "b"))
        await until(complains)
        nursery.cancel_scope.cancel()
    found = {file.name: file.read_text() for file in outside.iterdir()}
    assert found == {
        "0000000001.checkpoint": checkpoint(1),
        "0000000003.checkpoint": checkpoint(3),
    }


async def test_a_place_out_of_reach_gets_the_newest_when_it_is_back(publishing, tmp_path, capsys):
    outside = tmp_path / "outside"
    published = publishing(checkpoint_directories=["outside"])
    replace(tmp_path / "checkpoint", checkpoint(1))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(published.run)
        await until(lambda: "not published" in capsys.readouterr().out)
        replace(tmp_path / "checkpoint", checkpoint(2))
        outside.mkdir()
        await until(lambda: (outside / "0000000002.checkpoint").exists())
        nursery.cancel_scope.cancel()


async def test_a_webhook_is_sent_what_it_can_verify(publishing, tmp_path):
    with https_server(tmp_path) as server:
        (tmp_path / "url").write_text(server.url())
        (tmp_path / "secret").write_text(SECRET)
        for name in ("url", "secret"):
            (tmp_path / name).chmod(0o600)
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
            await until(lambda: server.received)
            nursery.cancel_scope.cancel()
    ((_path, headers, body),) = server.received
    Verifier(SECRET).verify(body, headers)
    assert json.loads(body) == {
        "type": "journal.checkpoint",
        "data": {"origin": "gateway.example/journal", "size": 7, "checkpoint": checkpoint(7)},
    }


async def test_each_checkpoint_becomes_an_object_of_the_store(publishing, tmp_path):
    (tmp_path / "bucket").mkdir()
    published = publishing(checkpoint_store=f"file://{tmp_path}/bucket")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(published.run)
        for size in (1, 3):
            replace(tmp_path / "checkpoint", checkpoint(size))
            await until(lambda size=size: (tmp_path / "bucket" / f"{size:010}.checkpoint").exists())
        replace(tmp_path / "checkpoint", checkpoint(3, "b"))
        await until(lambda: published.failures)
        nursery.cancel_scope.cancel()
    assert (tmp_path / "bucket" / f"{3:010}.checkpoint").read_text() == checkpoint(3)
