"""The one path from a question to a verdict: decision, approval where policy wants one, answer."""

from narrows.decide.decider import Decider

__all__ = ["Decider"]
