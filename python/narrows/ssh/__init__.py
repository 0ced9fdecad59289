"""The SSH leg: agents' ssh on one side, the targets' sshd on the other, policy and journal in between.

The only package that may use asyncio; see docs/decisions/0021-ssh-in-a-thread-of-its-own.md.
"""
