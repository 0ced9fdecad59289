"""What the gateway presents upstream, and that nobody else sees it."""

from __future__ import annotations

import copy
import pickle
import traceback
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest

from narrows.config import CredentialSection, TargetSection
from narrows.credentials.present import UpstreamTerms, is_local, present
from narrows.credentials.references import SECRET_BYTES_MAX, resolve
from narrows.credentials.secret import Secret
from narrows.errors import CredentialError
from narrows.pki import LocalCa

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CANARY = "canary-4b1d"


def target(**changes: Any) -> TargetSection:
    credential = CredentialSection(
        kind="password",
        user="narrows",
        secret="env:TARGET_PASSWORD",  # a reference, not a password
    )
    known: dict[str, Any] = {
        "name": "orders-db",
        "kind": "postgres",
        "address": "10.0.0.5:5432",
        "database": "orders",
        "credential": credential,
    }
    return TargetSection(**(known | changes))


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARGET_PASSWORD", CANARY)


def test_from_the_environment(tmp_path: Path) -> None:
    assert resolve("env:TARGET_PASSWORD", tmp_path).reveal() == CANARY.encode()


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_from_a_file(tmp_path: Path, ending: str) -> None:
    file = tmp_path / "password"
    file.touch(mode=0o600)
    file.write_bytes((CANARY + " " + ending).encode())
    assert resolve("file:password", tmp_path).reveal() == f"{CANARY} ".encode()
    assert resolve(f"file:{file}", tmp_path / "elsewhere").reveal() == f"{CANARY} ".encode()


def test_group_may_read_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(CANARY)
    file.chmod(0o640)
    assert resolve("file:password", tmp_path)


def make(folder: Path, content: bytes, mode: int) -> None:
    file = folder / "password"
    file.write_bytes(content)
    file.chmod(mode)


REFUSED: dict[str, tuple[str, Callable[[Path], Any], str]] = {
    "the secret itself": (CANARY, lambda _: None, "is given by reference"),
    "the secret with a colon": (f"{CANARY}:{CANARY}", lambda _: None, "is given by reference"),
    "no name": ("env:", lambda _: None, "is given by reference"),
    "a variable that is not set": ("env:NO_SUCH_VARIABLE", lambda _: None, "NO_SUCH_VARIABLE is not set"),
    "a file that is absent": ("file:password", lambda _: None, "cannot be read: No such file"),
    "a file that all may read": ("file:password", lambda f: make(f, CANARY.encode(), 0o604), "chmod 600"),
    "a file that a group may change": (
        "file:password",
        lambda f: make(f, CANARY.encode(), 0o660),
        "chmod 600",
    ),
    "an empty file": ("file:password", lambda f: make(f, b"\n", 0o600), "is empty"),
    "a huge file": (
        "file:password",
        lambda f: make(f, CANARY.encode() * SECRET_BYTES_MAX, 0o600),
        f"more than {SECRET_BYTES_MAX} bytes",
    ),
    "a folder": ("file:password", lambda f: (f / "password").mkdir(), "cannot be read|is not a file"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_reference_is_refused_and_nothing_of_the_secret_is_told(tmp_path: Path, name: str) -> None:
    reference, prepare, reason = REFUSED[name]
    prepare(tmp_path)
    with pytest.raises(CredentialError, match=reason) as refused:
        resolve(reference, tmp_path)
    told = "".join(traceback.format_exception(refused.value))
    assert CANARY not in told + repr(refused.value)


def test_a_secret_does_not_show_itself() -> None:
    secret = Secret(CANARY.encode())
    assert CANARY not in f"{secret} {secret!r} {[secret]}"
    assert not hasattr(secret, "__dict__")
    with pytest.raises(TypeError, match="not to be pickled"):
        pickle.dumps(secret)
    with pytest.raises(TypeError, match="not to be pickled or copied"):
        copy.copy(secret)
    assert secret == Secret(CANARY.encode())
    assert secret != Secret(b"other")
    assert secret != CANARY.encode()


def test_a_password_target(tmp_path: Path) -> None:
    terms = present(target(server_name="db.example"), tmp_path)
    assert (terms.address, terms.database, terms.user) == ("10.0.0.5:5432", "orders", "narrows")
    assert (terms.tls, terms.server_name, terms.secret) == ("verify-full", "db.example", CANARY.encode())
    assert terms.ca_pem is terms.certificate_pem is terms.key_pem is None
    assert CANARY not in repr(terms)
    assert present(target(), tmp_path, database="audit").database == "audit"


def test_a_rotated_secret_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert present(target(), tmp_path).secret == CANARY.encode()
    monkeypatch.setenv("TARGET_PASSWORD", "new")
    assert present(target(), tmp_path).secret == b"new"


def test_a_certificate_target(tmp_path: Path) -> None:
    certificate = LocalCa(tmp_path).server_certificate(["localhost"])
    credential = CredentialSection(
        kind="certificate", user="narrows", certificate="server.pem", key="server.key"
    )
    terms = present(target(credential=credential, ca="ca.pem"), tmp_path)
    assert terms.certificate_pem == certificate.certificate_pem
    assert terms.key_pem == certificate.key_pem
    assert terms.ca_pem == (tmp_path / "ca.pem").read_bytes()
    assert terms.secret is None
    assert "BEGIN" not in repr(terms)
    (tmp_path / "server.key").chmod(0o644)
    with pytest.raises(CredentialError, match="chmod 600"):
        present(target(credential=credential), tmp_path)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"tls": "off"}, 'tls = "off" is accepted for loopback and unix addresses only, and 10.0.0.5:5432'),
        ({"tls": "off", "address": "localhost.evil.example:5432"}, "loopback and unix addresses only"),
        ({"tls": "off", "address": "127.0.0.1.evil.example:5432"}, "loopback and unix addresses only"),
        ({"ca": "absent.pem"}, "absent.pem cannot be read"),
        (
            {"credential": CredentialSection(kind="password", user="n")},
            "orders-db: a password credential needs secret",
        ),
        ({"credential": CredentialSection(kind="certificate", user="n")}, "needs certificate and key"),
        (
            {
                "tls": "off",
                "address": "127.0.0.1:5432",
                "credential": CredentialSection(kind="certificate", user="n", certificate="c", key="k"),
            },
            "only be presented over TLS",
        ),
    ],
)
def test_target_is_refused(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(CredentialError, match=reason) as refused:
        present(target(**changes), tmp_path)
    assert CANARY not in str(refused.value)


def test_a_ca_file_must_be_pem(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text(CANARY)
    with pytest.raises(CredentialError, match="is not a PEM file") as refused:
        present(target(ca="ca.pem"), tmp_path)
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("127.0.0.1:5432", True),
        ("127.8.9.1:5432", True),
        ("[::1]:5432", True),
        ("localhost:5432", True),
        ("unix:/run/postgresql/.s.PGSQL.5432", True),
        ("0.0.0.0:5432", False),
        ("10.0.0.5:5432", False),
        ("db.example:5432", False),
        ("[::ffff:10.0.0.5]:5432", False),
        ("", False),
    ],
)
def test_what_stays_on_this_machine(address: str, local: bool) -> None:
    assert is_local(address) is local


def test_terms_are_the_data_planes_own_names() -> None:
    """`Upstream(**terms)` must go on working; see `_core.pyi`."""
    assert {field.name for field in fields(UpstreamTerms)} == {
        "address", "database", "user", "secret", "tls", "ca_pem", "server_name", "certificate_pem", "key_pem",
    }  # fmt: skip
