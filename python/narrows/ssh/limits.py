"""Every bound of the SSH engine that no configuration names, each with its reason."""

from __future__ import annotations

AUTHENTICATION_ATTEMPTS_MAX = 3
"""Evidence that one connection may present; OpenSSH asks for a password three times."""

CHANNELS_MAX = 100
"""Open channels of one connection: ten times what OpenSSH's server allows, for multiplexed automation."""

COMMAND_BYTES_MAX = 128 << 10
"""A longer command does not fit in one argument of a Linux process (MAX_ARG_STRLEN)."""

ENVIRONMENT_COUNT_MAX = 32
"""Variables that one channel may ask for."""

ENVIRONMENT_BYTES_MAX = 4 << 10
"""Names and values of them together."""

VERDICTS_KEPT_MAX = 128
"""Verdicts that one session keeps for the same operation again; the oldest makes room."""

KEPT_TEXT_CHARACTERS_MAX = 1 << 10
"""A longer operation is asked about each time: few are, and what a session keeps stays small."""

WINDOW_BYTES = 2 << 20
"""What a peer may send on one channel before it is read; also the most that a held channel keeps."""

PACKET_BYTES_MAX = 32 << 10
"""The payload of one packet of data (RFC 4253, section 6.1)."""

UPSTREAM_SESSIONS_MAX = 10
"""Channels on one upstream connection: OpenSSH's MaxSessions unless it was changed; fewer are noticed."""

UPSTREAM_CONNECTIONS_MAX = 10
"""Upstream connections of one principal to one login of one target."""

UPSTREAM_IDLE_S = 30.0
"""How long an upstream connection without channels is kept for the next command."""

UPSTREAM_DEADLINE_S = 15.0
"""How long connecting upstream, or starting a command there, may take."""

KEEPALIVE_S = 15.0
"""Silence after which a peer is asked whether it is still there: on both legs, so that no path in between
forgets a connection while people decide."""

KEEPALIVE_COUNT_MAX = 4
"""Questions without an answer after which the peer is taken for gone."""

REASON_BYTES_MAX = 255
"""Longest reason of a disconnect."""
