"""Policy of hosts: what a command line does, and what rules say of that."""
