"""The proof's own proof: unmasked, the corpus does show values. And all of it again on a newer server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.masking.agents import Agents
from tests.masking.corpus import Case, cases
from tests.masking.ways import by_driver
from tests.masking.world import CANARIES, HERE, found_in, rows

if TYPE_CHECKING:
    from tests.masking.stack import MaskingStack

SHOWING_MIN = 380
"""Of the corpus, at least as many statements as show a canary to a client of the database itself. The others
fail there, answer with what was computed from one, or need an extension."""


def test_every_canary_form_is_found() -> None:
    for name, form in CANARIES.items():
        assert name in found_in(b"before" + form + b"after")
    assert found_in(rows(HERE).encode())


def test_the_corpus_shows_masked_values_where_nothing_masks_them(stack: MaskingStack) -> None:
    with stack.direct() as connection:
        showing = 0
        for case in cases("evasions"):
            if case.commits or case.target or case.only:
                continue
            connection.execute("BEGIN")
            told = b"".join(by_driver(connection, sql) for sql in case.sql)
            connection.execute("ROLLBACK")
            connection.execute("DISCARD ALL")
            showing += bool(found_in(told))
    assert showing >= SHOWING_MIN


def test_shows_nothing_on_a_newer_server(newer_stack: MaskingStack) -> None:
    with Agents(newer_stack, trusted=True) as agents:
        leaked = [case.name for case in cases("evasions") if not case.untrusted and _leaks(agents, case)]
    assert not leaked


def _leaks(agents: Agents, case: Case) -> bool:
    ways = (case.only,) if case.only else ("simple",)
    answers = [agents.run(way, case) for way in ways]
    return any(found_in(answer.data) or not answer.in_sync for answer in answers)
