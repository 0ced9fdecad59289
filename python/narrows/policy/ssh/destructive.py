"""Classes of commands that cannot be undone, so that a rule can name them without listing their spellings.

A class errs towards danger: what could be in it is in it.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field

from narrows.policy.ssh.sql import destroys

MKFS = re.compile(r"mkfs(\..+)?|mke2fs|mkswap|wipefs|[sc]?fdisk|parted|sgdisk|blkdiscard|shred|hdparm")
SQL_CLIENTS = frozenset(
    {"psql", "mysql", "mariadb", "sqlite3", "clickhouse-client", "sqlplus", "mongosh", "mongo"}
)


@dataclass(frozen=True, slots=True)
class Kind:
    """Commands of one kind: any of the programs, with any of the words or options if some are named."""

    programs: frozenset[str]
    words: frozenset[str] = field(default=frozenset())
    letters: str = ""
    """Any of these in a cluster after one dash."""
    long: tuple[str, ...] = ()
    """Any of these options or an abbreviation of one, without dashes."""

    def holds(self, name: str, words: tuple[str, ...], *, open_ended: bool) -> bool:
        """Whether a command is of the kind, or could be with words that are not known."""
        if name not in self.programs:
            return False
        if not (self.words or self.letters or self.long) or open_ended:
            return True
        return any(self._says(word) for word in words)

    def _says(self, word: str) -> bool:
        if word in self.words:
            return True
        if word.startswith("--"):
            given = word[2:].split("=")[0]
            return bool(given) and any(option.startswith(given) for option in self.long)
        return word.startswith("-") and any(letter in word for letter in self.letters)


def _kind(programs: str, words: str = "", letters: str = "", long: str = "") -> Kind:
    return Kind(frozenset(programs.split()), frozenset(words.split()), letters, tuple(long.split()))


KINDS: dict[str, tuple[Kind, ...]] = {
    "rm-recursive": (_kind("rm", letters="rR", long="recursive"),),
    "chmod-recursive": (_kind("chmod chown chgrp setfacl chattr", letters="R", long="recursive"),),
    "shutdown": (
        _kind("shutdown reboot halt poweroff telinit kexec"),
        _kind("init", words="0 1 6 s S"),
        _kind("systemctl", words="poweroff reboot halt kexec rescue emergency suspend hibernate soft-reboot"),
    ),
    "service-stop": (
        _kind("systemctl", words="stop disable mask kill isolate"),
        _kind("service rc-service", words="stop"),
        _kind("rc-update", words="del delete"),
    ),
    "kill-all": (_kind("killall pkill skill"), _kind("kill", words="-1")),
    "package-remove": (
        _kind("apt apt-get aptitude", words="remove purge autoremove autopurge", long="purge"),
        _kind("dnf yum zypper", words="remove erase autoremove rm"),
        _kind("dpkg rpm", words="-r -P -e", long="remove purge erase"),
        _kind("apk", words="del"),
        _kind("snap flatpak", words="remove uninstall"),
    ),
    "account-change": (
        _kind(
            "useradd userdel usermod groupadd groupdel groupmod adduser deluser passwd chpasswd gpasswd chage"
        ),
    ),
    "firewall": (
        _kind("iptables ip6tables", letters="FXPD", long="flush delete-chain policy delete"),
        _kind("nft", words="flush delete"),
        _kind("ufw", words="disable reset delete"),
    ),
    "volume-remove": (
        _kind("lvremove vgremove pvremove swapoff umount"),
        _kind("zfs zpool btrfs", words="destroy delete"),
        _kind("cryptsetup", words="erase luksErase luksFormat"),
    ),
    "kubectl-delete": (
        _kind("kubectl oc", words="delete drain --replicas=0", long="force prune"),
        _kind("helm", words="uninstall delete"),
    ),
    "container-remove": (
        _kind("docker podman nerdctl", words="rm rmi prune kill down"),
        _kind("docker-compose podman-compose", words="rm down kill"),
    ),
    "git-force": (
        _kind(
            "git",
            words="reset clean filter-branch",
            letters="",
            long="force force-with-lease delete mirror prune",
        ),
    ),
    "mirror-delete": (
        _kind("rsync", long="delete delete-before delete-during delete-after delete-excluded"),
    ),
    "schedule-remove": (_kind("crontab", letters="r"), _kind("atrm")),
    "truncate": (_kind("truncate fallocate"),),
}

CLASSES = frozenset({*KINDS, "mkfs", "dd-device", "sql-drop"})
"""Every class that `destructive` may hold."""


def classes_of(argv: tuple[str, ...], *, open_ended: bool) -> frozenset[str]:
    """The classes that a command is in, or could be in with the words that nobody knows yet."""
    name = posixpath.basename(argv[0])
    words = argv[1:]
    found = {
        title
        for title, kinds in KINDS.items()
        if any(kind.holds(name, words, open_ended=open_ended) for kind in kinds)
    }
    if MKFS.fullmatch(name):
        found.add("mkfs")
    if name in {"dd", "tee", "cp", "cat"} and (open_ended or any(_is_device(word) for word in words)):
        found.add("dd-device")
    if name in SQL_CLIENTS and (open_ended or any(destroys(word) for word in words)):
        found.add("sql-drop")
    if name == "git" and _forces_push(words):
        found.add("git-force")
    return frozenset(found)


def _is_device(word: str) -> bool:
    path = posixpath.normpath(word.removeprefix("of="))
    return path.startswith("/dev/") and path not in {"/dev/null", "/dev/stdout", "/dev/stderr"}


def _forces_push(words: tuple[str, ...]) -> bool:
    return "push" in words and any(word in {"-f", "-d"} or word.startswith(("+", ":")) for word in words)
