"""`narrows init`: a configuration, a first policy and a local CA to start from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from narrows.cli.errors import CommandError

if TYPE_CHECKING:
    import argparse

CONFIGURATION = """\
[gateway]
state = "state"                # SQLite, journal, keys, local CA
policies = "policies"

[listen]
postgres = "127.0.0.1:5432"
console = "127.0.0.1:8443"

[[issuer]]
name = "entra"
kind = "entra"
tenant = "00000000-0000-0000-0000-000000000000"   # your directory's id
audiences = ["api://narrows"]                     # the application that agents request tokens for

[[target]]
name = "orders-db"             # agents connect to this as their database
kind = "postgres"
address = "127.0.0.1:5433"
database = "orders"
tls = "off"                    # for loopback only; leave it out for any other address
credential = { kind = "password", user = "narrows", secret = "env:ORDERS_DB_PASSWORD" }

# A cluster: set kubernetes = "127.0.0.1:6443" in [listen] too. See docs/kubernetes.md.
# [[target]]
# name = "prod"                # agents reach it by what `narrows kubeconfig prod` prints
# kind = "kubernetes"
# address = "10.0.0.9:6443"
# ca = "prod-ca.pem"
# impersonate = true           # the cluster sees each agent, under a name that begins with narrows:
# credential = { kind = "token", secret = "file:prod.token" }

[console]
operator-groups = ["sg-narrows-operators"]
"""

POLICY = """\
# Nothing is allowed until a rule says so; a denial beats an approval, an approval beats an allow.

[principals.support-agents]
issuer = "entra"
any = [{ groups = "sg-support" }]

[[rule]]
id = "read-orders"
principals = ["support-agents"]
targets = ["orders-db"]
effect = "allow"
postgres = { verbs = ["select"], tables = ["public.orders", "public.customers"] }

[[rule]]
id = "refunds-need-a-person"
principals = ["support-agents"]
targets = ["orders-db"]
effect = "require-approval"
postgres = { verbs = ["update"], tables = ["public.orders"] }
approval = { approvers = { groups = "sg-dba" }, quorum = 1, expires = "15m", scope = "once" }

[[rule]]
id = "never-destroy"
targets = ["*"]
effect = "deny"
reason = "destructive statements go through a migration"
postgres = { verbs = ["drop", "truncate"], unbounded = ["update", "delete"] }

[[mask]]
id = "cards"
targets = ["orders-db"]
columns = ["public.customers.card_number"]
transform = "last4"
"""


def add_parser(commands: Any) -> None:
    """Adds the command."""
    parser = commands.add_parser("init")
    parser.add_argument("directory", nargs="?", type=Path, default=Path(), help="where to (default: here)")
    parser.set_defaults(run=_init)


def _init(arguments: argparse.Namespace) -> int:
    from narrows.identity.certificates import SshAuthorities
    from narrows.pki import LocalCa

    directory: Path = arguments.directory
    policy = directory / "policies" / "base.toml"
    configuration = directory / "narrows.toml"
    for path in (configuration, policy):
        if path.exists():
            raise CommandError(f"{path} exists already", "Choose another directory, or move it away.")
    try:
        policy.parent.mkdir(parents=True, exist_ok=True)
        configuration.write_text(CONFIGURATION, encoding="utf-8")
        policy.write_text(POLICY, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{directory} cannot be written: {error.strerror}") from None
    authority = LocalCa(directory / "state")
    hosts = SshAuthorities(directory / "state")
    print(
        f"wrote {configuration}, {policy} and a local CA in {directory / 'state'}\n\n"
        "Next:\n"
        f"  1. name your tenant and target in {configuration}\n"
        f"  2. say who may do what in {policy}\n"
        f"  3. export ORDERS_DB_PASSWORD=…; narrows check --config {configuration}\n"
        f"  4. narrows serve --config {configuration}\n"
        f"  5. agents connect with sslmode=verify-full sslrootcert={authority.ca_file} dbname=orders-db,\n"
        "     and their access token as the password\n"
        "  6. SSH clients believe the gateway by this line in their known_hosts:\n"
        f"     {hosts.known_hosts_line}"
    )
    return 0
