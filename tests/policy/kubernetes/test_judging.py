"""What a decision on a call says, and what comes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.model import ApiCall, Effect
from narrows.policy import explain, judge
from narrows.policy.kubernetes.reading import read_call_text

from .questions import AGENT, CLUSTER, asked, loaded, rule

if TYPE_CHECKING:
    from pathlib import Path

POD = "/api/v1/namespaces/shop/pods"
FORWARD = "verbs = ['portforward'], resources = ['pods'], "


def test_a_denial_says_what_the_nearest_rule_lacks(tmp_path: Path) -> None:
    policy = loaded(
        tmp_path, rule("deploy", "allow", "verbs = ['create'], resources = ['pods'], images = ['a/*']")
    )
    body = '{"metadata": {"name": "w"}, "spec": {"hostPID": true, "containers": [{"image": "b"}]}}'
    decision = asked(policy, f"POST {POD}", body)
    assert decision.rule == "default-deny"
    assert decision.reason == "no rule allows `create` of pods w in shop with the image b, hostPID"
    assert decision.hint == "rule deploy allows it without the image b, hostPID"


def test_two_rules_do_not_add_up(tmp_path: Path) -> None:
    """One lets this image through and the other the node's processes; neither lets both through."""
    write = "verbs = ['create'], resources = ['pods'], "
    policy = loaded(
        tmp_path,
        rule("one", "allow", write + "images = ['a/*']"),
        rule("two", "allow", write + "images = ['b/*'], host-namespaces = true"),
    )
    pod = '{"metadata": {"name": "w"}, "spec": {"hostPID": true, "containers": [{"image": "a/x"}]}}'
    assert asked(policy, f"POST {POD}", pod).effect is Effect.DENY
    assert asked(policy, f"POST {POD}", pod.replace("a/x", "b/x")).rule == "two"


def test_the_ports_of_all_rules_without_the_denied(tmp_path: Path) -> None:
    policy = loaded(
        tmp_path,
        rule("a", "allow", FORWARD + "ports = ['5432', '8000-8099']"),
        rule("b", "deny", FORWARD + "ports = ['8080', '8090-8200']"),
        rule("c", "deny", FORWARD + "names = ['other'], ports = ['1-65535']"),
    )
    assert asked(policy, f"GET {POD}/db/portforward").ports == ((5432, 5432), (8000, 8079), (8081, 8089))
    assert asked(policy, f"GET {POD}/db/portforward?ports=8001").ports == ((8001, 8001),)
    assert asked(policy, f"GET {POD}/db/portforward?ports=8080").effect is Effect.DENY
    assert asked(policy, f"GET {POD}/other/portforward").ports == ()
    assert asked(policy, f"GET {POD}/db").ports is None


def test_a_decision_names_verb_and_resource(tmp_path: Path) -> None:
    policy = loaded(tmp_path, rule("a", "allow", "verbs = ['list'], resources = ['apps/deployments']"))
    decision = asked(policy, "GET /apis/apps/v1/namespaces/shop/deployments")
    assert decision.verbs == {"list"}
    assert decision.relations == {"shop/apps/deployments"}


def test_an_explanation_names_every_rule(tmp_path: Path) -> None:
    policy = loaded(
        tmp_path,
        rule("ls", "allow", "verbs = ['exec'], resources = ['pods'], argv = ['ls *']"),
        rule("not-here", "deny", "verbs = ['exec'], resources = ['pods'], argv = ['ls /etc']"),
    )
    call = read_call_text(f"GET {POD}/w/exec?command=ls&command=/etc")
    explanation = explain(policy, AGENT, CLUSTER, call)
    assert explanation.decision.rule == "not-here"
    assert "allow by ls" in explanation.text()
    assert "deny by not-here" in explanation.text()
    (running, *_) = explanation.document()["accesses"]
    assert running["access"] == "running `ls /etc`"


def test_a_total_denial_denies_everything(tmp_path: Path) -> None:
    total = "[[rule]]\nid = 'stop'\ntargets = ['*']\neffect = 'deny'\n"
    policy = loaded(tmp_path, rule("a", "allow", "verbs = ['*'], resources = ['*/*']"), total)
    assert asked(policy, "GET /version").effect is Effect.DENY


def test_rules_of_other_protocols_admit_nobody(tmp_path: Path) -> None:
    sql = rule("a", "allow", "").replace("kubernetes = {  }", "postgres = { verbs = ['select'] }")
    assert asked(loaded(tmp_path, sql), "GET /version").reason == "no rule admits this principal to prod"


def test_a_verb_of_no_api_is_refused(tmp_path: Path) -> None:
    policy = loaded(tmp_path, rule("a", "allow", "verbs = ['*'], resources = ['*/*']"))
    call = ApiCall("OPTIONS", "", POD, version="v1", resource="pods", namespace="shop")
    assert judge(policy, AGENT, CLUSTER, call).rule == "not-understood"
