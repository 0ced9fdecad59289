"""Narrows: the one narrow place that an autonomous agent's traffic to infrastructure passes through."""

__version__ = "0.1.0"
