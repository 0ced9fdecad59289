"""Approval requests: questions that wait for people, each bound to exactly one operation."""

from narrows.approvals.lifecycle import Approvals
from narrows.approvals.request import Approval, State

__all__ = ["Approval", "Approvals", "State"]
