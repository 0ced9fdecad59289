"""`approval = { ... }` of a rule: who decides, how long they may take, and what their yes is good for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from narrows.model import ApprovalTerms, People
from narrows.policy.tables import names_of

if TYPE_CHECKING:
    from narrows.policy.tables import ApprovalTable, ApproversTable

DURATION = re.compile(r"(\d{1,6})([smhd])")
SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
EXPIRES_MIN_S = 10
EXPIRES_MAX_S = 7 * 86_400
QUORUM_MAX = 10
USES_MAX = 100_000

GRANT_S = 3_600
"""How long a grant lasts where the rule does not say."""
RETURN_S = 300
"""How long an agent may take to send an approved statement again where the rule does not say."""

Problems = list[tuple[tuple[str, ...], str]]
"""What is wrong, each with the path of the setting within the table."""


def approval_terms(table: ApprovalTable) -> tuple[ApprovalTerms, Problems]:
    """What was written as terms, and everything that is wrong with it."""
    problems: Problems = []
    approvers = _people(table.approvers)
    some = bool(approvers.groups or approvers.roles)
    if not 1 <= table.quorum <= QUORUM_MAX:
        problems.append((("quorum",), f"`quorum` is from 1 to {QUORUM_MAX}"))
    elif approvers == People():
        problems.append((("approvers",), "nobody can approve: `approvers` is empty"))
    elif len(approvers.objects) < table.quorum and not some:
        problems.append((("quorum",), f"`approvers` names fewer than {table.quorum} people"))
    if table.break_glass is not None and _people(table.break_glass) == People():
        problems.append((("break-glass",), "nobody can break the glass: `break-glass` is empty"))
    if table.chat and table.fresh_sign_in:
        problems.append((("chat",), "a chat signs nobody in: `chat` and `fresh-sign-in` exclude each other"))
    terms = ApprovalTerms(
        approver_groups=approvers.groups,
        approver_roles=approvers.roles,
        approver_objects=approvers.objects,
        quorum=table.quorum,
        expires_s=_seconds(table.expires, "expires", problems),
        scope=table.scope,
        mode=table.mode,
        grant_s=_grant_s(table, problems),
        grant_uses=_grant_uses(table, problems),
        break_glass=_people(table.break_glass) if table.break_glass else People(),
        chat=table.chat,
        fresh_sign_in=table.fresh_sign_in,
        owners_approve=table.owners_approve,
        notify=tuple(table.notify),
    )
    return terms, problems


def _grant_s(table: ApprovalTable, problems: Problems) -> float:
    """How long the approval is good for; none at all for one that only releases what waits for it."""
    if table.scope == "once" and table.mode == "hold":
        if table.lasts:
            message = '`for` needs a `scope` other than "once", or `mode = "return"`'
            problems.append((("for",), message))
        return 0.0
    if table.lasts:
        return _seconds(table.lasts, "for", problems)
    return float(RETURN_S if table.scope == "once" else GRANT_S)


def _grant_uses(table: ApprovalTable, problems: Problems) -> int:
    if table.scope == "once":
        if table.uses:
            problems.append((("uses",), '`uses` needs a `scope` other than "once"'))
        return 1
    if not 0 <= table.uses <= USES_MAX:
        problems.append((("uses",), f"`uses` is from 1 to {USES_MAX}; left out, only time limits"))
    return table.uses


def _seconds(text: str, setting: str, problems: Problems) -> float:
    found = DURATION.fullmatch(text)
    seconds = int(found[1]) * SECONDS[found[2]] if found else 0
    if not EXPIRES_MIN_S <= seconds <= EXPIRES_MAX_S:
        message = f"`{text}` is not a time from 10s to 7d, such as 90s, 15m or 2h"
        problems.append(((setting,), message))
    return float(seconds)


def _people(table: ApproversTable) -> People:
    return People(
        groups=frozenset(names_of(table.groups)),
        roles=frozenset(names_of(table.roles)),
        objects=frozenset(names_of(table.objects)),
    )
