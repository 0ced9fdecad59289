"""The configuration: every error names its line."""

from __future__ import annotations

import re

import pytest

from narrows.cli.init import CONFIGURATION
from narrows.config import load, locate
from narrows.errors import ConfigError

GOOD = """\
[listen]
postgres = "127.0.0.1:5432"

[[issuer]]
name = "entra"
kind = "entra"
tenant = "t"
audiences = ["api://narrows"]

[[target]]
name = "orders-db"
kind = "postgres"
address = "10.0.0.5:5432"
database = "orders"
credential = { kind = "password", user = "narrows", secret = "env:X" }
"""


def test_paths_are_relative_to_the_file(tmp_path):
    path = tmp_path / "narrows.toml"
    path.write_text(GOOD)
    found = locate(path)
    assert found.store == tmp_path / "state" / "narrows.db"
    assert found.policies == tmp_path / "policies"


def test_what_init_writes_loads(tmp_path):
    path = tmp_path / "narrows.toml"
    path.write_text(CONFIGURATION)
    assert load(path).target[0].name == "orders-db"


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("[listen]", "[listen", 1, "not TOML"),
        ('postgres = "127.0.0.1:5432"', 'postgress = "127.0.0.1:5432"', 2, "unknown field `postgress`"),
        ('"127.0.0.1:5432"', '"5432"', 2, "host:port"),
        ('"127.0.0.1:5432"', '"localhost:99999"', 2, "host:port"),
        ('"127.0.0.1:5432"', "5432", 2, "Expected `str"),
        ('[listen]\npostgres = "127.0.0.1:5432"', "[listen]", 1, "nothing is listened on"),
        ("[listen]", '[journal]\ndurability = "sync"\n[listen]', 2, "sync"),
        ("[listen]", "[journal]\nsegment-age-max-s = 0\n[listen]", 2, "at least 1"),
        ("[listen]", '[journal]\ncheckpoint-notifiers = ["x"]\n[listen]', 2, "no webhook notifier"),
        ("[listen]", '[journal]\norigin = "a b"\n[listen]', 2, "neither spaces nor a plus"),
        ('tenant = "t"\n', "", 6, "needs tenant"),
        ('["api://narrows"]', "[]", 8, "audience"),
        ('kind = "entra"', 'kind = "saml"', 6, "saml"),
        ('"orders-db"', '"a/b"', 11, "slash"),
        ('"10.0.0.5:5432"', '"10.0.0.5"', 13, "host:port"),
        ('database = "orders"\n', "", 12, "needs database"),
        (', secret = "env:X"', "", 15, "needs secret"),
        ('user = "narrows", ', "", 15, "user"),
    ],
)
def test_an_error_names_its_line(tmp_path, old, new, line, message):
    assert GOOD.count(old) >= 1
    path = tmp_path / "narrows.toml"
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(ConfigError, match=re.escape(message)) as caught:
        load(path)
    assert caught.value.problems[0].line == line


CLUSTER = """\
[listen]
console = "127.0.0.1:8443"

[[issuer]]
name = "entra"
kind = "entra"
tenant = "t"
audiences = ["api://narrows"]

[[target]]
name = "prod"
kind = "kubernetes"
address = "10.0.0.9:6443"
ca = "prod-ca.pem"
impersonate = true
credential = { kind = "token", secret = "file:prod.token" }
"""


@pytest.mark.parametrize(
    "credential",
    [
        '{ kind = "token", secret = "file:prod.token" }',
        '{ kind = "certificate", certificate = "prod.pem", key = "prod.key" }',
        '{ kind = "exec", command = ["kubelogin", "get-token"], environment = ["AZURE_CLIENT_ID"] }',
        '{ kind = "service-account" }',
    ],
)
def test_a_cluster_takes_credentials_of_four_kinds(tmp_path, credential):
    path = tmp_path / "narrows.toml"
    path.write_text(CLUSTER.replace('{ kind = "token", secret = "file:prod.token" }', credential))
    assert load(path).target[0].impersonate


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('"prod"', '"prod eu"', 11, "letters, digits"),
        ('"prod"', '"../prod"', 11, "slash"),
        ("10.0.0.9:6443", "https://10.0.0.9", 13, "host:port"),
        ("impersonate = true", 'tls = "off"', 15, "TLS only"),
        ("impersonate = true", 'database = "orders"', 15, "postgres target's"),
        ("impersonate = true", 'logins = ["deploy"]', 12, "ssh target's"),
        ("impersonate = true", 'impersonate = "yes"', 15, "Expected `bool"),
        (', secret = "file:prod.token"', "", 16, "needs secret"),
        (', secret = "file:prod.token"', ', secret = "env:T", user = "x"', 16, "a user is"),
        ('kind = "token"', 'kind = "key"', 16, "token, certificate, exec, service-account"),
        ('kind = "token"', 'kind = "exec"', 16, "needs command"),
        ('kind = "token"', 'kind = "certificate"', 16, "certificate and key"),
    ],
)
def test_what_is_wrong_with_a_cluster_names_its_line(tmp_path, old, new, line, message):
    assert CLUSTER.count(old) >= 1
    path = tmp_path / "narrows.toml"
    path.write_text(CLUSTER.replace(old, new, 1))
    with pytest.raises(ConfigError, match=re.escape(message)) as caught:
        load(path)
    assert caught.value.problems[0].line == line


NOTIFIERS = {
    'kind = "webhook"': "needs url",
    'kind = "webhook"\nurl = "env:U"': "needs secret",
    'kind = "teams"': "needs url",
    'kind = "email"\nserver = "mail"\nsender = "a@b"\nto = ["c@d"]': "host:port",
    'kind = "email"\nserver = "mail.example:25"': "sender and to",
    'kind = "email"\nserver = "mail.example:25"\nsender = "a@b"\nto = ["c@d"]\ntls = "off"': "loopback",
    'kind = "carrier-pigeon"': "carrier-pigeon",
    'kind = "slack"\nurl = "env:U"\n[[notifier.person]]\nteam = "T"\nuser = "U"\nissuer = "entra"\n'
    'tenant = "t"\nobject = "o"': "signing secret",
    'kind = "slack"\nurl = "env:U"\nsecret = "env:S"\n[[notifier.person]]\nteam = "T"\nuser = "U"\n'
    'issuer = "another"\ntenant = "t"\nobject = "o"': "no issuer named `another`",
}


@pytest.mark.parametrize(("written", "message"), NOTIFIERS.items())
def test_a_notifier_that_could_tell_nobody_is_refused(tmp_path, written, message):
    path = tmp_path / "narrows.toml"
    path.write_text(f'{GOOD}\n[[notifier]]\nname = "dba"\n{written}\n')
    with pytest.raises(ConfigError, match=re.escape(message)):
        load(path)


def test_mail_to_this_machine_needs_no_tls(tmp_path):
    path = tmp_path / "narrows.toml"
    for host in ("localhost", "127.0.0.1", "[::1]"):
        mail = f'kind = "email"\nserver = "{host}:25"\nsender = "a@b"\nto = ["c@d"]\ntls = "off"\n'
        path.write_text(f'{GOOD}\n[[notifier]]\nname = "dba"\n{mail}')
        assert load(path).notifier[0].tls == "off"


def test_every_contradiction_is_told_at_once(tmp_path):
    path = tmp_path / "narrows.toml"
    target = GOOD[GOOD.index("[[target]]") :]
    path.write_text(GOOD.replace('"127.0.0.1:5432"', '"x"') + target + "[sessions]\nconnections-max = 0\n")
    with pytest.raises(ConfigError) as caught:
        load(path)
    told = [(problem.line, problem.message) for problem in caught.value.problems]
    assert [line for line, _ in told] == [2, 17, 23]
    assert "another target" in told[1][1]


def test_a_missing_file_and_one_that_is_no_text(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="UTF-8"):
        load(tmp_path / "bytes.toml")


def test_an_issuer_is_needed(tmp_path):
    path = tmp_path / "narrows.toml"
    path.write_text('[listen]\npostgres = "127.0.0.1:0"\n')
    with pytest.raises(ConfigError, match="nobody could authenticate"):
        load(path)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ('[[export]]\nname = "a"\nkind = "syslog"', "needs address"),
        (
            '[[export]]\nname = "a"\nkind = "syslog"\naddress = "a:1"\ntoken = "env:T"',
            "neither url nor token",
        ),
        ('[[export]]\nname = "a"\nkind = "http"', "needs url"),
        ('[[export]]\nname = ""\nkind = "otlp"\nurl = "env:U"', "needs a name"),
        ('[[export]]\nname = "a"\nkind = "syslog"\naddress = "a:1"\n' * 2, "another export named `a`"),
        ('[storage]\nurl = "ftp://a"', "must start with s3://"),
        ('[storage]\nurl = "s3://a"\nkeep-local-s = -1', "at least 0"),
        (
            '[storage]\nurl = "s3://a"\noptions = { a = "1" }\nsecrets = { a = "env:A" }',
            "in options and in secrets",
        ),
    ],
)
def test_an_export_or_storage_that_cannot_work_is_refused(tmp_path, written, message):
    path = tmp_path / "narrows.toml"
    path.write_text(f"{GOOD}\n{written}\n")
    with pytest.raises(ConfigError, match=re.escape(message)):
        load(path)
