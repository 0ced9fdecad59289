"""What would be decided, asked in the same words of the API, of the page and of the command."""

from __future__ import annotations

import json
from types import SimpleNamespace

import msgspec
import pytest

from narrows.cli import main
from narrows.console.policy import IMAGINED
from narrows.console.schemas import ANSWERS
from narrows.gateway.destinations import Destinations
from narrows.model import Principal
from narrows.policy import load
from narrows.policy.postgres.assumed import assumed_catalogue
from narrows.seam import Known
from tests.console.console import web_console

POLICY = """
[principals.agents]
issuer = "entra"
any = [{ groups = "sg-support" }]

[[rule]]
id = "read-orders"
principals = ["agents"]
targets = ["orders-db"]
effect = "allow"
postgres = { verbs = ["select"], tables = ["public.orders"] }

[[rule]]
id = "look-around"
principals = ["agents"]
targets = ["web-1"]
effect = "allow"
ssh = { logins = ["deploy"], commands = ["uptime"], read = ["/srv/**"], forwards = ["db:5432"] }

[[rule]]
id = "restart"
principals = ["agents"]
targets = ["web-1"]
effect = "require-approval"
ssh = { commands = ["sudo systemctl restart app"] }
approval = { approvers = { groups = "sg-dba" } }

[[rule]]
id = "see-pods"
principals = ["agents"]
targets = ["prod"]
effect = "allow"
kubernetes = { verbs = ["get", "create"], resources = ["pods", "configmaps"] }

[[rule]]
id = "reach"
principals = ["agents"]
targets = ["prod"]
effect = "allow"
kubernetes = { verbs = ["portforward"], resources = ["pods"], ports = ["5432"] }

[[mask]]
id = "cards"
targets = ["orders-db"]
columns = ["public.orders.card"]
transform = "last4"
"""
KINDS = {"orders-db": "postgres", "web-1": "ssh", "prod": "kubernetes"}
AGENT = Principal("entra", "t", "agent-1", "app", groups=frozenset({"sg-support"}))
PODS = "/api/v1/namespaces/shop/pods"
PRIVILEGED = json.dumps(
    {"spec": {"containers": [{"name": "a", "image": "a", "securityContext": {"privileged": True}}]}}
)

CASES = [
    ("orders-db", {"statement": "select card from orders"}, "allow", "read-orders"),
    ("orders-db", {"statement": "drop table orders"}, "deny", "default-deny"),
    ("web-1", {"command": "uptime", "login": "deploy"}, "allow", "look-around"),
    ("web-1", {"command": "uptime", "login": "root"}, "deny", "default-deny"),
    ("web-1", {"command": "sudo systemctl restart app"}, "require-approval", "restart"),
    ("web-1", {"transfer": "read /srv/x", "login": "deploy"}, "allow", "look-around"),
    ("web-1", {"transfer": "write /srv/x", "login": "deploy"}, "deny", "default-deny"),
    ("web-1", {"forward": "db:5432", "login": "deploy"}, "allow", "look-around"),
    ("web-1", {"forward": "db:22", "login": "deploy"}, "deny", "default-deny"),
    ("prod", {"call": f"get {PODS}/web-0"}, "allow", "see-pods"),
    ("prod", {"call": f"GET {PODS}/web-0/portforward"}, "allow", "reach"),
    ("prod", {"call": f"POST {PODS}", "body": PRIVILEGED}, "deny", "default-deny"),
]
REFUSED = [
    ("orders-db", {"command": "uptime"}, "orders-db: a database takes a `statement`"),
    ("web-1", {"statement": "select 1"}, "web-1: a host takes a `command`, a `transfer` or a `forward`"),
    ("prod", {"forward": "db:5432"}, "prod: a cluster takes a `call`"),
    ("web-1", {"transfer": "read srv/x"}, "`srv/x` is not absolute and in normal form"),
    ("web-1", {"forward": "db"}, "a forward is `HOST:PORT`"),
    ("prod", {"call": "pods"}, "`pods` is not a method and a path"),
    ("orders-db", {"statement": "select 1", "login": "root"}, "`login` belongs to"),
]
WITH_IDS = pytest.mark.parametrize(
    ("target", "words", "effect", "rule"), CASES, ids=["-".join(words) for _, words, _, _ in CASES]
)


class Anyone:
    """Takes every token for the agent's."""

    async def verify(self, evidence):
        return AGENT


@pytest.fixture
async def site(tmp_path):
    """A console with a target of every kind."""
    async with web_console(tmp_path) as site:
        (tmp_path / "policies" / "base.toml").write_text(POLICY)
        policy = load(tmp_path / "policies")
        known = Known(assumed_catalogue(policy, "select card from public.orders"), 1)

        async def fresh(target):
            assert target == "orders-db", "only databases hold what has to be asked"
            return known

        here = site.operations
        here.authenticator = Anyone()
        here.policies = SimpleNamespace(current=policy)
        here.catalogues = SimpleNamespace(fresh=fresh, last=lambda target: known.catalogue)
        here.destinations = Destinations(
            [SimpleNamespace(name=name, kind=kind, labels={}, database="") for name, kind in KINDS.items()]
        )
        yield site


async def of_api(site, target, words):
    """The API's answer."""
    async with site.browser() as client:
        sent = {"target": target, **words}
        return await client.post("/v1/policy/explain", headers={"Authorization": "Bearer x"}, json=sent)


async def of_page(site, target, words):
    """The page with the answer, as an operator sees it."""
    (what, text), *further = words.items()
    who = {"issuer": "entra", "kind": "app", "groups": "sg-support"}
    async with site.browser() as browser:
        await browser.sign_in("omar")
        return await browser.submit("/policy", target=target, what=what, text=text, **dict(further), **who)


def by_command(policies, target, words):
    """The command's exit code; what it prints is JSON."""
    (kind, text), *further = words.items()
    options = ["--policies", str(policies), "--target", target, "--as", "groups=sg-support", "--json"]
    for name, value in further:
        if name == "body":
            (policies / "body").write_text(value)
            value = str(policies / "body")
        options += [f"--{name}", value]
    assume = ["--assume"] if kind == "statement" else []
    return main(["policy", "explain", *options, *assume, f"--{kind}", "--config", "/nowhere", "--", text])


@WITH_IDS
async def test_the_answer_is_one_whoever_is_asked(site, tmp_path, capsys, target, words, effect, rule):
    answer = await of_api(site, target, words)
    assert answer.status_code == 200, answer.text
    told = msgspec.json.decode(answer.content, type=ANSWERS["/v1/policy/explain"])
    assert (told.effect, told.rule, told.kind) == (effect, rule, next(iter(words)))
    page = (await of_page(site, target, words)).text
    assert f"by <b>{rule}" in page
    assert by_command(tmp_path / "policies", target, words) == 0
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    printed.pop("catalogue")
    places = [match.pop("file") for access in printed["accesses"] for match in access["matched"]]
    expected = answer.json()
    assert places == [match.pop("file") for access in expected["accesses"] for match in access["matched"]]
    assert printed == expected


async def test_what_each_kind_has_is_in_its_answer(site):
    statement = (await of_api(site, "orders-db", CASES[0][1])).json()
    assert statement["columns"][0]["transform"] == "last4"
    command = (await of_api(site, "web-1", CASES[2][1])).json()
    assert (command["released"], command["columns"], command["exposure"]) == ("'uptime'", None, None)
    forward = (await of_api(site, "prod", {"call": f"GET {PODS}/web-0/portforward"})).json()
    assert forward["ports"] == [[5432, 5432]]
    denied = (await of_api(site, "prod", CASES[-1][1])).json()
    assert "privileged" in denied["hint"]


@pytest.mark.parametrize(("target", "words", "problem"), REFUSED)
async def test_what_the_target_does_not_take_is_told(site, tmp_path, capsys, target, words, problem):
    answer = await of_api(site, target, words)
    assert (answer.status_code, problem in answer.json()["message"]) == (400, True), answer.text
    page = await of_page(site, target, words)
    assert page.status_code == 400
    assert 'role="alert"' in page.text
    assert problem.replace("`", "") in page.text.replace("`", "")
    if len(words) == 1 and next(iter(words)) in {"transfer", "call"}:
        assert by_command(tmp_path / "policies", target, words) == 1
        assert problem in capsys.readouterr().err


async def test_the_description_names_every_word(site):
    async with site.browser() as client:
        page = (await client.get("/v1/openapi.json")).json()
    explain = page["paths"]["/v1/policy/explain"]["post"]
    schema = explain["requestBody"]["content"]["application/json"]["schema"]
    assert schema["properties"].keys() == {"target", *IMAGINED}
    assert {"statement", "command", "login", "transfer", "forward", "call", "body", "content-type"} == {
        *IMAGINED
    }


async def test_the_page_takes_the_text_for_what_the_target_takes(site):
    for target, text, shown in (
        ("orders-db", "select 1 from orders", "The statement:"),
        ("web-1", "uptime", "The command:"),
        ("prod", f"GET {PODS}", "The API call:"),
    ):
        assert shown in (await of_page(site, target, {"": text})).text


async def test_the_page_says_what_rules_for_hosts_and_clusters_speak_of(site):
    async with site.browser() as browser:
        await browser.sign_in("omar")
        page = (await browser.get("/policy")).text
    for shown in ("pods, configmaps", "db:5432", "/srv/**", "sudo systemctl restart app"):
        assert shown in page
    assert "everything" not in page
