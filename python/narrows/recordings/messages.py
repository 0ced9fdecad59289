"""Messages of the PostgreSQL protocol, version 3, cut from a recorded stream.

Source: PostgreSQL documentation, "Message Formats". A stream here has passed the gateway, so it is
well-formed; what is not shows that the recording is damaged.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from narrows.errors import RecordingError

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER_BYTES = 5
LENGTH = struct.Struct("!i")


class MessageStream:
    """Cuts one direction's bytes, in whatever pieces they come, into messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._at = 0
        """Where the next message begins; before that, it has been read."""

    @property
    def cut(self) -> bool:
        """Whether a message has come in part only."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> Iterator[tuple[str, Body]]:
        """Yields the tag and body of every message that is complete now.

        Raises:
            RecordingError: A length is impossible.
        """
        self._buffer += data
        while end := self._end():
            start, self._at = self._at, end
            yield chr(self._buffer[start]), Body(bytes(self._buffer[start + HEADER_BYTES : end]))
        del self._buffer[: self._at]
        self._at = 0

    def skip(self, tag: str) -> int:
        """Passes over the messages of that kind that come next and are complete; returns how many.

        While `feed` is read from. Raises as it does.
        """
        code, skipped = ord(tag), 0
        while (end := self._end()) and self._buffer[self._at] == code:
            self._at = end
            skipped += 1
        return skipped

    def _end(self) -> int:
        """Where the next message ends; 0 while it is not complete."""
        if len(self._buffer) - self._at < HEADER_BYTES:
            return 0
        end: int = self._at + 1 + LENGTH.unpack_from(self._buffer, self._at + 1)[0]
        if end < self._at + HEADER_BYTES:
            raise RecordingError("the recording holds a message with an impossible length")
        return end if end <= len(self._buffer) else 0


class Body:
    """Reads a message's fields one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        """How many bytes have not been read."""
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        if not 0 <= count <= self.left:
            raise RecordingError("the recording holds a message that ends too early")
        taken = self._data[self._at : self._at + count]
        self._at += count
        return taken

    def byte(self) -> str:
        """The next byte as a character."""
        return chr(self.take(1)[0])

    def int16(self) -> int:
        """The next two bytes."""
        return int(struct.unpack("!h", self.take(2))[0])

    def uint16(self) -> int:
        """The next two bytes, unsigned: counts go up to 65,535."""
        return int(struct.unpack("!H", self.take(2))[0])

    def int32(self) -> int:
        """The next four bytes."""
        return int(struct.unpack("!i", self.take(4))[0])

    def uint32(self) -> int:
        """The next four bytes, unsigned, as OIDs are."""
        return int(struct.unpack("!I", self.take(4))[0])

    def string(self) -> str:
        """The next text up to its zero byte."""
        end = self._data.find(b"\0", self._at)
        if end < 0:
            raise RecordingError("the recording holds a message that ends too early")
        text = self._data[self._at : end].decode("utf-8", errors="replace")
        self._at = end + 1
        return text

    def value(self) -> bytes | None:
        """The next length-prefixed value; None for NULL."""
        length = self.int32()
        return None if length == -1 else self.take(length)

    def formats(self) -> tuple[int, ...]:
        """The next list of format codes."""
        return tuple(self.int16() for _ in range(self.uint16()))


def format_of(formats: tuple[int, ...], column: int) -> int:
    """The format of a column or parameter: none given means text, one is for all."""
    if len(formats) == 1:
        return formats[0]
    return formats[column] if column < len(formats) else 0
