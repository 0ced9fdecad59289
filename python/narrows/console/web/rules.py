"""Rules and masks in words, for the page that shows the policy in force."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from narrows.policy.kubernetes.ports import written_ports
from narrows.policy.record_levels import FULL
from narrows.policy.ssh.paths import RIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from narrows.model import ApprovalTerms
    from narrows.policy.kubernetes.section import Kubernetes
    from narrows.policy.rules import Mask, Postgres, Rule, Targets
    from narrows.policy.ssh.section import Ssh


def rule_in_words(rule: Rule) -> dict[str, Any]:
    """A rule in words; what it does not speak of is left out."""
    spoken: dict[str, str] = {}
    if rule.postgres is not None:
        spoken |= _database(rule.postgres)
    if rule.ssh is not None:
        spoken |= _host(rule.ssh)
    if rule.kubernetes is not None:
        spoken |= _cluster(rule.kubernetes)
    if rule.approval is not None:
        spoken |= _approval(rule.approval)
    if rule.rows_max is not None:
        spoken["rows at most"] = str(rule.rows_max)
    if rule.record != FULL:
        spoken["recorded"] = rule.record
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


def mask_in_words(mask: Mask) -> dict[str, Any]:
    """A mask in words."""
    hidden = {
        "columns": _texts(mask.columns),
        "found by": ", ".join(mask.detectors),
        "but not in": _texts(mask.except_columns),
    }
    if mask.kubernetes is not None:
        hidden["of"] = _texts(mask.kubernetes.resources)
        hidden["fields"] = ", ".join(mask.kubernetes.paths)
    return {
        "id": mask.id,
        "hides": {name: text for name, text in hidden.items() if text},
        "transform": mask.transform,
        "targets": _targets(mask.targets),
        "exempt": ", ".join(one.name for one in mask.exempt),
        "place": f"{mask.place.file.name}:{mask.place.line}",
    }


def _database(postgres: Postgres) -> dict[str, str]:
    return {
        "verbs": ", ".join(sorted(postgres.verbs)),
        "unbounded": ", ".join(sorted(postgres.unbounded)),
        "tables": _texts(postgres.tables or ()),
        "functions": _texts(postgres.functions),
        "settings": _globs(postgres.settings),
    }


def _host(ssh: Ssh) -> dict[str, str]:
    return {"logins": ", ".join(sorted(ssh.logins or ())), **_commands(ssh)}


def _commands(ssh: Ssh) -> dict[str, str]:
    paths = {right: _texts(ssh.paths.of(right)) for right in RIGHTS}
    flags = [name for name in ("opaque", "terminal", "ansible") if getattr(ssh, name)]
    return {
        "commands": _texts(ssh.commands),
        "destructive": ", ".join(sorted(ssh.destructive)),
        "environment": ", ".join(ssh.environment),
        "forwards": _texts(ssh.forwards),
        **paths,
        "shell": ssh.shell or "",
        "also": ", ".join(flags),
    }


def _cluster(kubernetes: Kubernetes) -> dict[str, str]:
    conditions = kubernetes.conditions
    grants = [name for name in ("privileged", "host_namespaces") if getattr(conditions, name)]
    return {
        "verbs": ", ".join(sorted(kubernetes.verbs)),
        "resources": _texts(kubernetes.resources),
        "namespaces": "" if kubernetes.namespaces.means_all else ", ".join(kubernetes.namespaces.texts),
        "names": "" if kubernetes.names.means_all else ", ".join(kubernetes.names.texts),
        "classes": ", ".join(sorted(kubernetes.classes)),
        "paths": ", ".join(kubernetes.paths),
        **_commands(kubernetes.command),
        "images": _texts(conditions.images or ()),
        "grants": ", ".join(name.replace("_", " ") for name in grants),
        "host paths": _texts(conditions.host_paths),
        "capabilities": ", ".join(sorted(conditions.capabilities)),
        "service accounts": _globs(conditions.service_accounts),
        "secrets": _globs(conditions.secrets),
        "ports": written_ports(kubernetes.ports),
    }


def _approval(terms: ApprovalTerms) -> dict[str, str]:
    return {
        "approvers": ", ".join(sorted(terms.approver_groups | terms.approver_roles | terms.approver_objects)),
        "quorum": str(terms.quorum),
        "expires": f"{terms.expires_s:g} s",
    }


def _targets(targets: Targets) -> str:
    if targets.labels:
        return ", ".join(f"{name} = {value}" for name, value in targets.labels)
    return _globs(targets.names)


def _texts(patterns: Iterable[Any]) -> str:
    """Patterns as their author wrote them."""
    return ", ".join(pattern.text for pattern in patterns)


def _globs(patterns: Iterable[re.Pattern[str]]) -> str:
    """Compiled names as their author wrote them."""
    return ", ".join(re.sub(r"\\(.)", r"\1", one.pattern.replace(".*", "*")) for one in patterns)
