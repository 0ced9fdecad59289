"""Looking takes no longer than it may, and whatever goes wrong is a reason and not an error."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import trio

from narrows.errors import PlaneError
from narrows.gateway.previews import DEADLINE_S, PREVIEWS_MAX, Previews
from narrows.gateway.row_previews import RowPreviews
from narrows.policy.language import load
from narrows.policy.postgres.catalogue import Catalogue, Relation
from tests.control.simulation import ORDERS

CATALOGUE = Catalogue(
    {20_000: Relation(20_000, "public", "orders", "r", {1: "id", 2: "card", 3: "note"})}, version=180_000
)
PLAN = '[{"Plan": {"Node Type": "ModifyTable", "Plan Rows": 0, "Plans": [{"Plan Rows": 42}]}}]'
MASK = """
[[mask]]
id = "cards"
targets = ["orders-db"]
columns = ["public.orders.card"]
transform = "redact"
"""


def request(statement="DELETE FROM orders WHERE id < 9"):
    document = {"statement": statement, "parameters": [], "parameter_types": []}
    return SimpleNamespace(id="apr_x", document=document)


@pytest.fixture
def previews(tmp_path):
    def previews(query, masks=MASK):
        (tmp_path / "masks.toml").write_text(masks)

        async def catalogue(target):
            return CATALOGUE

        policies = SimpleNamespace(current=load(tmp_path))
        return Previews({"postgres": RowPreviews(query=query, catalogue=catalogue, policies=policies)})

    return previews


def answering(**answers):
    """Answers SQL by a word in it; an exception is raised."""
    asked = []

    async def query(target, sql):
        asked.append(sql)
        answer = next(answer for word, answer in answers.items() if word in sql)
        if isinstance(answer, Exception):
            raise answer
        return answer

    query.asked = asked
    return query


COLUMNS = [("1", "N"), ("2", "S"), ("3", "S")]


async def test_rows_are_counted_and_shown_with_what_is_masked_masked(previews):
    query = answering(count=[("3",)], indisprimary=COLUMNS, SELECT=[("1", "(masked)", "x" * 500)])
    looked = await previews(query).of(request(), ORDERS)
    assert (looked["rows"], looked["more"]) == (3, False)
    assert looked["sample"] == [{"id": "1", "card": "(masked)", "note": "x" * 100}]
    assert "SELECT id, CASE WHEN card IS NOT NULL THEN '(masked)' END, note FROM" in query.asked[-1]


@pytest.mark.parametrize(
    ("explained", "also"), [([(PLAN,)], {"estimate": 42}), (PlaneError("statement timeout"), {})]
)
async def test_where_counting_ends_the_planner_goes_on(previews, explained, also):
    query = answering(count=[("10001",)], indisprimary=[("1", "N")], EXPLAIN=explained, SELECT=[("1",)])
    looked = await previews(query).of(request(), ORDERS)
    assert looked == {
        "relation": "public.orders", "rows": 10_000, "more": True, "sample": [{"id": "1"}]
    } | also  # fmt: skip


async def test_where_values_are_searched_no_text_is_shown(previews, tmp_path):
    query = answering(count=[("3",)], indisprimary=COLUMNS, SELECT=[("1", None, "(masked)")])
    detecting = MASK.replace('columns = ["public.orders.card"]', 'detectors = ["email"]')
    await previews(query, detecting).of(request(), ORDERS)
    assert "SELECT id, CASE WHEN card" in query.asked[-1]
    assert "CASE WHEN note" in query.asked[-1]


async def test_rows_that_may_not_be_read_are_counted_all_the_same(previews):
    query = answering(count=[("3",)], indisprimary=COLUMNS, SELECT=PlaneError("permission denied"))
    looked = await previews(query).of(request(), ORDERS)
    assert (looked["rows"], looked["sample"]) == (3, [])


async def test_a_count_that_takes_too_long_is_an_estimate(previews):
    query = answering(count=PlaneError("canceling statement due to statement timeout"), EXPLAIN=[(PLAN,)])
    assert await previews(query).of(request(), ORDERS) == {"estimate": 42}


async def test_what_cannot_be_had_has_a_reason_without_the_servers_words(previews):
    query = answering(count=PlaneError("secret-1"), EXPLAIN=PlaneError("secret-1"))
    assert await previews(query).of(request(), ORDERS) == {"why": "the target could not be asked in time"}
    unread = await previews(query).of(request("DELETE FROM orders WHERE pg_read_file('x') = ''"), ORDERS)
    assert unread == {"why": "it calls pg_read_file"}


async def test_a_target_that_does_not_answer_holds_up_nobody_for_long(previews, autojump_clock):
    running = []

    async def query(target, sql):
        running.append(sql)
        await trio.sleep_forever()

    made = previews(query)
    looked = []

    async def look():
        looked.append(await made.of(request(), ORDERS))

    started = trio.current_time()
    async with trio.open_nursery() as nursery:
        for _ in range(20):
            nursery.start_soon(look)
    assert looked == [{"why": "there was no time to look"}] * 20
    assert trio.current_time() - started == pytest.approx(DEADLINE_S)
    assert len(running) == PREVIEWS_MAX
