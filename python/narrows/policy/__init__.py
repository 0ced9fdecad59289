"""Policy: TOML rules in, decisions out. Pure: no I/O but reading the policy's own files, and no clock."""

from narrows.policy.explain import Explanation, explain
from narrows.policy.kubernetes.evaluate import judge
from narrows.policy.kubernetes.masks import object_masks
from narrows.policy.language import load
from narrows.policy.masking.masks import MaskSet, MaskWarning, mask_set
from narrows.policy.postgres.catalogue import QUERIES, Catalogue
from narrows.policy.postgres.evaluate import Question, evaluate, may_open
from narrows.policy.postgres.facts import SqlNotUnderstood
from narrows.policy.rules import Policy
from narrows.policy.ssh.evaluate import CommandQuestion, evaluate_command
from narrows.policy.ssh.transfers import judge_transfer

__all__ = [
    "QUERIES",
    "Catalogue",
    "CommandQuestion",
    "Explanation",
    "MaskSet",
    "MaskWarning",
    "Policy",
    "Question",
    "SqlNotUnderstood",
    "evaluate",
    "evaluate_command",
    "explain",
    "judge",
    "judge_transfer",
    "load",
    "mask_set",
    "may_open",
    "object_masks",
]
