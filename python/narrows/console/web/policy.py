"""The policy in force, and why it would decide a statement as it does; for operators."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from narrows.console.errors import ApiError
from narrows.console.web.guard import form_of
from narrows.console.web.pages import render
from narrows.console.web.site import site_of
from narrows.model import Command, Principal, Statement
from narrows.policy import CommandQuestion, Question, explain, explain_command
from narrows.policy.postgres.assumed import assumed_catalogue
from narrows.policy.ssh.paths import RIGHTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from narrows.gateway import Operations
    from narrows.policy.rules import Mask, Policy, Rule, Targets
    from narrows.policy.ssh.section import Ssh

NAMES_MAX = 100
"""Groups or roles in the form."""


async def show(request: Request) -> Response:
    """Rules and masks as loaded, with the form."""
    return _page(request, {}, None, assumed=False)


async def explained(request: Request) -> Response:
    """How a statement or a command would be decided, and why."""
    here = site_of(request).operations
    form = form_of(request)
    target = here.destinations.known(form.get("target", ""))
    text = form.get("statement", "").replace("\r\n", "\n").strip()
    if target is None or not text:
        raise ApiError(
            400, "invalid", "A target and a statement or command are needed to explain a decision."
        )
    policy = here.policies.current
    if target.kind == "ssh":
        command = CommandQuestion(_principal(form), target, Command(text, form.get("account", "").strip()))
        return _page(request, form, explain_command(policy, command).document(), assumed=False)
    catalogue = here.catalogues.last(target.name)
    question = Question(
        _principal(form), target, Statement(text), catalogue or assumed_catalogue(policy, text)
    )
    document = explain(policy, question).document()
    return _page(request, form, document, assumed=catalogue is None)


def _page(
    request: Request, form: Mapping[str, str], explanation: dict[str, Any] | None, *, assumed: bool
) -> Response:
    here = site_of(request).operations
    policy = here.policies.current
    return render(
        request,
        "policy",
        version=policy.version,
        rules=[_rule(rule) for rule in policy.rules],
        masks=[_mask(mask) for mask in policy.masks],
        targets=sorted(here.destinations.sections),
        issuers=_issuers(here, policy),
        form=form,
        explanation=explanation,
        assumed=assumed,
    )


def _principal(form: Mapping[str, str]) -> Principal:
    return Principal(
        issuer=form.get("issuer", ""),
        tenant=form.get("tenant", ""),
        object_id=form.get("object", ""),
        kind="user" if form.get("kind") == "user" else "app",
        app=form.get("app", ""),
        groups=_names(form.get("groups", "")),
        roles=_names(form.get("roles", "")),
    )


def _names(text: str) -> frozenset[str]:
    """Names parted by commas or spaces."""
    names = re.split(r"[,\s]+", text.strip())[:NAMES_MAX]
    return frozenset(name for name in names if name)


def _issuers(here: Operations, policy: Policy) -> list[str]:
    named = {principals.issuer for principals in policy.principals.values()}
    if here.sign_in is not None:
        named.add(here.sign_in.issuer.section.name)
    return sorted(named)


def _rule(rule: Rule) -> dict[str, Any]:
    """A rule in words; what it does not speak of is left out."""
    spoken: dict[str, str] = {}
    if rule.postgres is not None:
        spoken = {
            "verbs": ", ".join(sorted(rule.postgres.verbs)),
            "unbounded": ", ".join(sorted(rule.postgres.unbounded)),
            "tables": ", ".join(name.text for name in rule.postgres.tables or ()),
            "functions": ", ".join(name.text for name in rule.postgres.functions),
            "settings": ", ".join(_glob(name) for name in rule.postgres.settings),
        }
    if rule.ssh is not None:
        spoken |= _host(rule.ssh)
    if rule.approval is not None:
        terms = rule.approval
        spoken["approvers"] = ", ".join(
            sorted(terms.approver_groups | terms.approver_roles | terms.approver_objects)
        )
        spoken["quorum"] = str(terms.quorum)
        spoken["expires"] = f"{terms.expires_s:g} s"
    if rule.rows_max is not None:
        spoken["rows at most"] = str(rule.rows_max)
    everyone = rule.principals is None
    return {
        "id": rule.id,
        "effect": rule.effect.value,
        "reason": rule.reason,
        "principals": "everyone" if everyone else ", ".join(one.name for one in rule.principals or ()),
        "targets": _targets(rule.targets),
        "speaks_of": {name: text for name, text in spoken.items() if text} or {"": "everything"},
        "place": f"{rule.place.file.name}:{rule.place.line}",
    }


def _host(ssh: Ssh) -> dict[str, str]:
    """What a rule says of hosts, in words."""
    paths = {right: ", ".join(pattern.text for pattern in ssh.paths.of(right)) for right in RIGHTS}
    flags = [name for name in ("opaque", "terminal", "shell") if getattr(ssh, name)]
    return {
        "logins": ", ".join(sorted(ssh.logins or ())),
        "commands": ", ".join(pattern.text for pattern in ssh.commands),
        "destructive": ", ".join(sorted(ssh.destructive)),
        "environment": ", ".join(ssh.environment),
        "forwards": ", ".join(pattern.text for pattern in ssh.forwards),
        **paths,
        "also": ", ".join(flags),
    }


def _mask(mask: Mask) -> dict[str, Any]:
    return {
        "id": mask.id,
        "columns": ", ".join(column.text for column in mask.columns),
        "transform": mask.transform,
        "targets": _targets(mask.targets),
        "exempt": ", ".join(one.name for one in mask.exempt),
        "place": f"{mask.place.file.name}:{mask.place.line}",
    }


def _targets(targets: Targets) -> str:
    if targets.labels:
        return ", ".join(f"{name} = {value}" for name, value in targets.labels)
    return ", ".join(_glob(name) for name in targets.names)


def _glob(pattern: re.Pattern[str]) -> str:
    """A compiled name as its author wrote it."""
    return re.sub(r"\\(.)", r"\1", pattern.pattern.replace(".*", "*"))
