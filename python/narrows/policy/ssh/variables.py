"""Environment variables: which change no more than how output looks, and which choose what runs."""

from __future__ import annotations

import re

from narrows.policy.patterns import glob

_HARMLESS = (
    "LANG", "LANGUAGE", "LC_*", "TZ", "TERM", "COLORTERM", "COLUMNS", "LINES", "NO_COLOR",
    "FORCE_COLOR", "CLICOLOR", "SYSTEMD_COLORS", "DEBIAN_FRONTEND", "GIT_PROTOCOL",
)  # fmt: skip
_CHOOSING = (
    "PATH", "HOME", "SHELL", "IFS", "ENV", "BASH*", "PS?", "PROMPT_COMMAND", "SHELLOPTS", "CDPATH",
    "LD_*", "DYLD_*", "GLIBC_TUNABLES", "GCONV_PATH", "LOCPATH", "NLSPATH", "HOSTALIASES",
    "MALLOC_*", "TERMINFO*", "PYTHON*", "PERL*", "RUBY*", "NODE_*", "NPM_*", "JAVA_*", "_JAVA_*",
    "JDK_*", "CLASSPATH", "LUA_*", "PHP*", "GIT_*", "SSH_*", "LESS*", "MORE*", "PAGER", "*PAGER",
    "EDITOR", "*EDITOR", "VISUAL", "BROWSER", "MAN*", "SYSTEMD_*", "SUDO_*", "PG*", "PSQL*",
    "MYSQL*", "KUBECONFIG", "DOCKER_*", "XDG_*", "TMPDIR", "TAR_OPTIONS", "GREP_OPTIONS", "RSYNC_*",
    "CVS_*", "*_PROXY", "*_proxy", "ZIPOPT", "MAKE*", "CC", "CXX", "AWK*", "CURL_*", "OPENSSL_*",
    "ANSIBLE_*", "*_ASKPASS", "*_COMMAND", "*_OPTIONS", "*_OPTS", "*FLAGS",
)  # fmt: skip
"""They choose what code a program loads or what it starts: a `*` in a rule never means them."""

_VALUE = re.compile(r"[\w.@:,=/+ -]*", re.ASCII)
HARMLESS = tuple(glob(name) for name in _HARMLESS)
CHOOSING = tuple(re.compile(re.escape(name).replace(r"\*", ".*").replace(r"\?", ".")) for name in _CHOOSING)


def is_harmless(name: str, value: str) -> bool:
    """Whether a variable may be set without a rule."""
    return any(known.fullmatch(name) for known in HARMLESS) and _VALUE.fullmatch(value) is not None


def covers(pattern: str, name: str) -> bool:
    """Whether a rule's pattern means a variable; those that choose code only where it is written out."""
    if pattern == name:
        return True
    if any(known.fullmatch(name) for known in CHOOSING) and not any(
        known.fullmatch(name) for known in HARMLESS
    ):
        return False
    return glob(pattern).fullmatch(name) is not None
