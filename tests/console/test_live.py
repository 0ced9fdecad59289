"""Server-sent events: what makes a page renew itself, and what ends that."""

from __future__ import annotations

from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
import trio
import trio.testing

from narrows.console.web.guard import COOKIE
from narrows.console.web.live import HEARTBEAT_S, STREAM_MAX_S
from tests.console.console import ORIGIN, web_console
from tests.control.simulation import DBA

UPDATE = "UPDATE orders SET status = 'refunded' WHERE id = 7"


class Stream:
    """What one stream has said."""

    def __init__(self):
        self.status = 0
        self.said = []
        self.over = False

    @property
    def changes(self):
        return [text for text in self.said if text.startswith("data: ")]


@asynccontextmanager
async def listening(site, browser, path):
    """Opens a stream as a browser does, without a buffer between."""
    stream = Stream()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [
            (b"host", urlsplit(ORIGIN).netloc.encode()),
            (b"cookie", f"{COOKIE}={browser.cookies.get(COOKIE, '')}".encode()),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }

    async def receive():
        await trio.sleep_forever()

    async def send(message):
        if message["type"] == "http.response.start":
            stream.status = message["status"]
        elif message.get("body"):
            stream.said.append(message["body"].decode())

    async def serve():
        await site.app(scope, receive, send)
        stream.over = True

    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve)
        await site.here.settled()
        yield stream
        nursery.cancel_scope.cancel()


async def test_a_request_and_its_end_are_heard_of(tmp_path, mock_clock):
    async with web_console(tmp_path) as site, site.browser() as browser:
        await browser.sign_in("dana")
        async with listening(site, browser, "/live/inbox") as inbox:
            assert (inbox.status, len(inbox.changes)) == (200, 1)
            site.here.ask(UPDATE)
            name = await site.here.held()
            await site.here.settled()
            assert len(inbox.changes) == 2
            async with listening(site, browser, f"/live/approvals/{name}") as one:
                await site.here.approvals.approve(name, DBA)
                await site.here.settled()
                assert len(one.changes) >= 2
            assert inbox.changes[-1] == inbox.changes[0]


async def test_nobody_hears_of_what_they_may_not_see(tmp_path, mock_clock):
    async with web_console(tmp_path) as site, site.browser() as browser:
        await browser.sign_in("sam")
        async with listening(site, browser, "/live/inbox") as inbox:
            site.here.ask(UPDATE)
            name = await site.here.held()
            await site.here.settled()
            assert len(inbox.changes) == 1
        async with listening(site, browser, f"/live/approvals/{name}") as one:
            assert (one.status, one.over) == (403, True)


async def test_a_stream_ends_with_the_login(tmp_path, mock_clock):
    async with web_console(tmp_path) as site, site.browser() as browser:
        await browser.sign_in("dana")
        async with listening(site, browser, "/live/inbox") as inbox:
            await browser.submit("/sign-out")
            mock_clock.jump(HEARTBEAT_S)
            await site.here.settled()
            assert inbox.over
        assert site.app.state.site.streams == 0


async def test_a_quiet_stream_is_kept_alive_and_ends_in_time(tmp_path, mock_clock):
    async with web_console(tmp_path) as site, site.browser() as browser:
        await browser.sign_in("dana")
        async with listening(site, browser, "/live/inbox") as inbox:
            mock_clock.jump(HEARTBEAT_S)
            await site.here.settled()
            assert inbox.said[-1] == ": alive\n\n"
            mock_clock.jump(STREAM_MAX_S)
            await site.here.settled()
            assert inbox.over


async def test_streams_are_bounded(tmp_path, mock_clock, monkeypatch):
    monkeypatch.setattr("narrows.console.web.live.STREAMS_MAX", 1)
    async with web_console(tmp_path) as site, site.browser() as browser:
        await browser.sign_in("dana")
        async with listening(site, browser, "/live/inbox"):
            assert (await browser.get("/live/inbox")).status_code == 503


@pytest.mark.parametrize("path", ["/live/inbox", "/live/grants", "/live/sessions", "/live/approvals/apr_x"])
async def test_nothing_is_streamed_without_a_login(tmp_path, mock_clock, path):
    async with (
        web_console(tmp_path) as site,
        site.browser() as browser,
        listening(site, browser, path) as stream,
    ):
        assert (stream.status, stream.over) == (303, True)
