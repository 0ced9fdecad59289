"""Channels that tell approvers of a request where they already are: webhook, Slack, Teams, e-mail."""
