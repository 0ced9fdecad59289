"""Every answer of the API, read strictly as its description has it."""

from __future__ import annotations

import msgspec

from narrows.approvals.deliveries import Delivery
from narrows.console.schemas import ANSWERS
from narrows.model import ApprovalTerms, People, Statement
from narrows.policy.explain import explain
from narrows.policy.language import load
from narrows.policy.postgres.catalogue import Catalogue, Relation
from narrows.recordings import session_name
from narrows.store import sessions
from narrows.store.sessions import SessionRow
from tests.control.simulation import AGENT, ORDERS, require_approval
from tests.control.test_api import EXCHANGE, api, bearer

SESSION = SessionRow(7, AGENT.key, "orders-db", "10.0.0.9:5000", 1_000, "{}")
TERMS = ApprovalTerms(
    approver_groups=frozenset({"sg-dba"}),
    scope="statement",
    grant_s=60,
    break_glass=People(groups=frozenset({"sg-sales"})),
)
CATALOGUE = Catalogue(
    {20_000: Relation(20_000, "public", "orders", "r", {1: "id", 2: "card"})}, version=180_000
)
POLICY = """
[principals.agents]
issuer = "entra"
any = [{ object = "agent-1" }]

[[rule]]
id = "read"
principals = ["agents"]
targets = ["orders-db"]
effect = "allow"
postgres = { verbs = ["select"] }

[[mask]]
id = "cards"
targets = ["orders-db"]
columns = ["public.orders.card"]
transform = "last4"
"""


def answer_as_described(method, path, answer):
    """Reads an answer strictly as the description of its path has it."""
    assert answer.status_code == 200, (method, path, answer.text)
    return msgspec.json.decode(answer.content, type=ANSWERS[path])


async def test_every_answer_is_what_the_description_says(tmp_path, mock_clock):
    async with api(tmp_path) as (client, here, _):
        here.policy["UPDATE"] = require_approval(TERMS)
        await here.store.run(sessions.add, SESSION)
        checked = set()

        async def check(method, path, who, name="", **body):
            url = path.replace("{id}", name)
            answer = await client.request(method, url, headers=bearer(who), json=body or None)
            checked.add(path)
            return answer_as_described(method, path, answer)

        for vote, reason in (("approve", "yes"), ("deny", "no"), ("break-glass", "down")):
            here.ask(f"UPDATE orders SET total = 0 WHERE id = {len(reason)}")
            name = await here.held()
            who = "stranger" if vote == "break-glass" else "dba"
            await check("POST", f"/v1/approvals/{{id}}/{vote}", who, name, reason=reason)
        await check("POST", "/v1/approvals/{id}/review", "dba", name, reason="fine")
        await here.approvals.note_delivery(
            Delivery(approval=name, notifier="n", state="sent", attempts=1, time_ms=1)
        )
        assert (await check("GET", "/v1/approvals/{id}", "dba", name)).notified
        assert len((await check("GET", "/v1/approvals", "dba")).approvals) == 3
        grant = (await check("GET", "/v1/grants", "dba")).grants[-1].id
        await check("POST", "/v1/grants/{id}/revoke", "dba", grant)
        assert (await check("GET", "/v1/sessions", "operator")).sessions
        await check("GET", "/v1/sessions/{id}", "operator", session_name(7))
        await check("POST", "/v1/sessions/{id}/kill", "operator", session_name(7))
        await check("POST", "/v1/revocations", "operator", principal="entra/t1/x")
        await check("GET", "/v1/targets", "agent")
        await check("GET", "/v1/health", "agent")
        ticket = await client.post("/v1/token", data=EXCHANGE)
        answer_as_described("POST", "/v1/token", ticket)
        elsewhere = {path for path in ANSWERS if path.startswith("/v1/recordings")}
        assert checked | {"/v1/token", "/v1/policy/explain"} | elsewhere == ANSWERS.keys()


def test_an_explanation_is_what_the_description_says(tmp_path):
    (tmp_path / "policy.toml").write_text(POLICY)
    policy = load(tmp_path)
    statement = Statement("select id, card from public.orders")
    encoded = msgspec.json.encode(explain(policy, AGENT, ORDERS, statement, CATALOGUE).document())
    assert msgspec.json.decode(encoded, type=ANSWERS["/v1/policy/explain"]).columns
