"""Approval requests: questions that wait for people, each bound to exactly one operation."""
