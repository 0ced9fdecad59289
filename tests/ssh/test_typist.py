"""Whatever is typed on whatever terminal: lines come of it, and no error."""

from __future__ import annotations

import itertools

from hypothesis import example, given, settings
from hypothesis import strategies as st

from narrows.ssh.typist import LineEditor, PlainLines, decoder

PLAIN = ("a", "b c", "\u4e16", "\x7f", "\x03", "\x04", "\x01", "\x0b", "\x19", "\x12", "\t", "\r", "\n")
OTHER = ("\x1b[A", "\x1b[B", "\x1b[D", "\x1b[3~", "\x1b", "\x1b[200~", "\udcff", "\0")
KEYS = st.sampled_from([*PLAIN, *OTHER])


class Heard:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.events: list[str] = []
        self.written = b""

    def line(self, text: str) -> None:
        self.lines.append(text)

    def interrupt(self) -> None:
        self.events.append("interrupt")

    def end_of_input(self) -> None:
        self.events.append("end")

    def write(self, stream: int, data: bytes) -> None:
        self.written += data


@settings(deadline=None)
@example(kind="dumb", columns=22, keys=["a"], resized=0)  # no wider than its prompt
@given(
    kind=st.sampled_from(["xterm", "dumb", ""]),
    columns=st.integers(0, 2**32 - 1) | st.integers(0, 30),
    keys=st.lists(KEYS, max_size=60),
    resized=st.integers(0, 2**32 - 1),
)
def test_a_terminal_takes_any_keys(kind: str, columns: int, keys: list[str], resized: int) -> None:
    heard = Heard()
    typist = LineEditor(heard, heard, kind, columns)  # type: ignore[arg-type]
    typist.prompt("deploy@web:/srv/app$ ")
    typed = "".join(keys)
    while typed:
        rest = typist.typed(typed)
        assert len(rest) < len(typed)
        typed = rest
        typist.resize(resized)
    ends = sum(key in "\r\n" for key in keys)
    assert len(heard.lines) == ends or ("\x1b" in keys and len(heard.lines) < ends)
    assert not any(character in line for line in heard.lines for character in "\r\n\x03\x1b\0\udcff")
    assert heard.events.count("interrupt") == keys.count("\x03") or "\x1b" in keys


@given(st.binary(max_size=60), st.lists(st.integers(0, 60), max_size=4))
def test_plain_lines_are_the_same_however_they_are_cut(data: bytes, cuts: list[int]) -> None:
    heard = Heard()
    typist = PlainLines(heard, heard)  # type: ignore[arg-type]
    decode = decoder()
    typed = ""
    edges = [0, *sorted(cuts), len(data)]
    for start, end in itertools.pairwise(edges):
        typed += decode.decode(data[start:end])
        while (rest := typist.typed(typed)) != typed:
            typed = rest
    whole = data.decode("utf-8", "surrogateescape").split("\n")[:-1]
    assert heard.lines == [line.removesuffix("\r") for line in whole]
