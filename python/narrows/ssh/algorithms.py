"""What is spoken on both legs: ciphers that authenticate, key exchanges that are current, nothing older.

AES-GCM comes first because it costs half of what ChaCha20 does here (docs/performance.md). The counter modes
with encrypt-then-MAC are for clients without an authenticated cipher, such as older versions of paramiko.
"""

from __future__ import annotations

KEY_EXCHANGES = ("mlkem768x25519-sha256", "curve25519-sha256", "curve25519-sha256@libssh.org")

CIPHERS = (
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
    "aes256-ctr",
    "aes128-ctr",
)

MACS = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com")

SIGNATURES = ("ssh-ed25519", "rsa-sha2-512", "rsa-sha2-256", "ecdsa-sha2-nistp256")
"""Of the targets' host keys and of the gateway's own key."""
