"""StreamMasker: text that comes in pieces, as an SSH session's output does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrows._core import StreamMasker, StreamMasks

KEY = bytes(32)
DETECTORS = {"pan": "last4", "email": "pseudonym", "private-key": "redact"}
PASSWORD = b"correct horse battery"
MASKS = StreamMasks(DETECTORS, [PASSWORD], KEY)


def masker(*, ansi: bool = True) -> StreamMasker:
    return MASKS.open(ansi=ansi)


def streamed(pieces: list[bytes]) -> bytes:
    stream = masker()
    return b"".join([*map(stream.feed, pieces), stream.finish()])


def test_a_prompt_is_not_held_and_a_number_is() -> None:
    stream = masker()
    assert stream.feed(b"\x1b[32magent@host\x1b[0m:~$ ") == b"\x1b[32magent@host\x1b[0m:~$ "
    assert stream.feed(b"4111 1111 ") == b""
    assert stream.held() == 10
    assert stream.feed(b"11\x1b[1m11 1111\r\n") == b"***************1111\x1b[1m\r\n"
    assert stream.held() == 0
    assert stream.masked() == {"pan": 1}


def test_known_values_are_found_in_base64_too() -> None:
    stream = masker()
    assert stream.feed(b"c: correct horse battery Y29ycmVjdCBob3JzZSBiYXR0ZXJ5\n") == (
        b"c: [redacted:known] [redacted:known]\n"
    )
    assert stream.masked() == {"known": 2}


def test_streams_of_one_session_know_nothing_of_each_other() -> None:
    one, other = masker(), masker()
    assert one.feed(b"4111 1111 ") == b""
    assert other.feed(b"1111 1111\n") == b"1111 1111\n"
    assert one.finish() == b"4111 1111 "
    assert (one.masked(), other.masked()) == ({}, {})


@given(
    st.lists(
        st.sampled_from(
            [
                b"4111 1111 1111 1111",
                b"ada@example.com",
                PASSWORD,
                b" ",
                b"\n",
                b"\x1b[1m",
                b"\x08",
                b"4",
                b"@",
            ]
        ),
        max_size=20,
    ),
    st.data(),
)
def test_it_does_not_matter_where_the_stream_is_cut(parts: list[bytes], data: st.DataObject) -> None:
    text = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert streamed(pieces) == streamed([text])


@pytest.mark.parametrize(
    ("detectors", "key"), [({"pan": "last5"}, KEY), ({"pin": "last4"}, KEY), (DETECTORS, b"short")]
)
def test_what_is_unknown_is_refused(detectors: dict[str, str], key: bytes) -> None:
    with pytest.raises(ValueError, match=r"last5|pin|key"):
        StreamMasks(detectors, [], key)
