"""`kubernetes = { ... }` as it is written, checked and compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from narrows.model import Effect
from narrows.policy.directory import did_you_mean
from narrows.policy.kubernetes.classes import CLASSES
from narrows.policy.kubernetes.contents import Conditions, ImagePattern
from narrows.policy.kubernetes.masks import PATH
from narrows.policy.kubernetes.names import Names
from narrows.policy.kubernetes.ports import read_ports
from narrows.policy.kubernetes.resources import CONNECTS, ResourcePattern
from narrows.policy.kubernetes.section import OBJECT_VERBS, STARTS, VERBS, Kubernetes, ObjectPaths
from narrows.policy.patterns import glob
from narrows.policy.ssh.paths import PathPattern, Paths
from narrows.policy.ssh.section import Ssh
from narrows.policy.ssh.words import CommandPattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.policy.tables import KubernetesTable, ObjectsTable

P = TypeVar("P")

EVERY_VERB = "*"
TEXTS_MAX = 1_000
"""How many entries one list of a rule may have."""
COPIES = frozenset({"tar"})
"""What `kubectl cp` runs in the container."""

CONDITION_KEYS = (
    "images",
    "privileged",
    "host_paths",
    "host_namespaces",
    "capabilities",
    "service_accounts",
    "secrets",
)
START_KEYS = ("argv", "read", "write", "stdin", "terminal", "opaque")

Problems = list[tuple[tuple[str, ...], str]]
"""What is wrong, each with the path of the setting within the table."""


def kubernetes_section(table: KubernetesTable, effect: Effect) -> tuple[Kubernetes, Problems]:
    """What was written as a section of a rule, and everything that is wrong with it."""
    problems: Problems = []
    every = VERBS if effect is Effect.DENY else OBJECT_VERBS
    section = Kubernetes(
        verbs=every if table.verbs == [EVERY_VERB] else frozenset(table.verbs),
        resources=_parsed(table.resources, ResourcePattern.parse, "resources", problems),
        namespaces=Names.written(table.namespaces),
        names=Names.written(table.names),
        classes=frozenset(table.classes),
        paths=tuple(table.paths),
        conditions=_conditions(table, problems),
        command=Ssh(
            commands=_parsed(table.argv, CommandPattern.parse, "argv", problems),
            paths=Paths(
                read=_parsed(table.read, PathPattern.parse, "read", problems),
                write=_parsed(table.write, PathPattern.parse, "write", problems),
            ),
            programs=COPIES,
            opaque=table.opaque,
            terminal=table.terminal,
        ),
        stdin=table.stdin,
        ports=_parsed(table.ports, read_ports, "ports", problems),
    )
    problems += _unknown(table)
    problems += _empty(table)
    problems += _misplaced(table, section, effect)
    return section, problems


def object_paths(table: ObjectsTable) -> tuple[ObjectPaths, Problems]:
    """What was written as the objects of a mask, and everything that is wrong with it."""
    problems: Problems = []
    patterns = _parsed(table.resources, ResourcePattern.parse, "resources", problems)
    for pattern in patterns:
        if pattern.subresource.pattern:
            message = f"`{pattern.text}`: a mask is of a resource; its subresources are masked with it"
            problems.append((("resources",), message))
        elif not pattern.is_spelled and any(
            "*" in p and p != "*" for pair in pattern.addresses for p in pair
        ):
            problems.append((("resources",), f"`{pattern.text}`: in a mask, `*` stands for a whole part"))
    for path in table.paths:
        if not PATH.fullmatch(path):
            message = (
                f"`{path}` is not a path such as $.data.token, $.data['a.b'], $.spec.*[*].value or $..key"
            )
            problems.append((("paths",), message))
    for key in ("resources", "paths"):
        if not getattr(table, key):
            problems.append(((key,), f"a mask of objects names its `{key}`"))
    if "*" in table.except_names:
        problems.append((("except-names",), "a mask that excepts every name masks nothing"))
    return ObjectPaths(patterns, tuple(table.paths), tuple(table.except_names)), problems


def _conditions(table: KubernetesTable, problems: Problems) -> Conditions:
    images = None if table.images is None else _parsed(table.images, ImagePattern.parse, "images", problems)
    return Conditions(
        images=images,
        privileged=table.privileged,
        host_paths=_parsed(table.host_paths, PathPattern.parse, "host-paths", problems),
        host_namespaces=table.host_namespaces,
        capabilities=frozenset(name.upper().removeprefix("CAP_") for name in table.capabilities),
        service_accounts=tuple(glob(name) for name in table.service_accounts),
        secrets=tuple(glob(name) for name in table.secrets),
    )


def _unknown(table: KubernetesTable) -> Problems:
    problems: Problems = []
    for verb in table.verbs:
        if verb not in VERBS and table.verbs != [EVERY_VERB]:
            problems.append((("verbs",), f"unknown verb `{verb}`{did_you_mean(verb, VERBS)}"))
    for name in table.classes:
        if name not in CLASSES:
            problems.append((("classes",), f"unknown class `{name}`{did_you_mean(name, CLASSES)}"))
    for path in table.paths:
        if not path.startswith("/"):
            problems.append((("paths",), f"`{path}` is not a path; it starts with /"))
    return problems


def _empty(table: KubernetesTable) -> Problems:
    problems: Problems = []
    for key in ("namespaces", "names", "images"):
        if getattr(table, key) == []:
            problems.append(((key,), f"`{key}` is empty, so it matches nothing"))
    for key in ("resources", "namespaces", "names", "argv", "images", "secrets"):
        if len(getattr(table, key) or ()) > TEXTS_MAX:
            problems.append(((key,), f"`{key}` has more than {TEXTS_MAX} entries"))
    if not (table.verbs or table.resources or table.classes or table.paths):
        problems.append(((), "a rule without verbs and resources, classes or paths matches nothing"))
    if bool(table.verbs) is not bool(table.resources):
        problems.append(((), "`verbs` and `resources` go together"))
    return problems


def _misplaced(table: KubernetesTable, section: Kubernetes, effect: Effect) -> Problems:
    problems: Problems = []
    verbs = section.verbs
    for pattern in section.resources:
        if pattern.connects and pattern.connects not in verbs:
            message = (
                f"`{pattern.text}` is reached by the verb `{pattern.connects}`, which the rule does not name"
            )
            problems.append((("resources",), message))
    for needed, keys in (
        (STARTS, START_KEYS),
        (frozenset({"portforward"}), ("ports",)),
        (frozenset({"create", "update", "patch"}), CONDITION_KEYS),
    ):
        for key in keys:
            if getattr(table, key) and not needed & verbs and not (key in CONDITION_KEYS and table.classes):
                named = " or ".join(f"`{verb}`" for verb in sorted(needed))
                written = key.replace("_", "-")
                problems.append(((written,), f"`{written}` belongs to a rule with the verb {named}"))
    if table.paths and verbs and verbs != {"proxy"}:
        message = "`paths` are of no resource, or behind a `proxy`: put them in a rule of their own"
        problems.append((("paths",), message))
    return problems + (_unsure(table, section) if effect is not Effect.DENY else []) + _unheld(table, effect)


def _unsure(table: KubernetesTable, section: Kubernetes) -> Problems:
    """What an allow or an approval must say, so that someone has thought of it."""
    problems: Problems = []
    verbs = section.verbs
    if "exec" in verbs and not (table.argv or table.read or table.write or table.opaque):
        problems.append((("verbs",), "`exec` needs `argv`, the commands that may run"))
    if "portforward" in verbs and not table.ports:
        problems.append((("verbs",), "`portforward` needs `ports`, such as 5432 or 1-65535"))
    if "proxy" in verbs and not table.paths:
        problems.append((("verbs",), "`proxy` needs `paths`, those behind it, such as /healthz or /*"))
    for verb in CONNECTS & verbs:
        if all(pattern.subresource.pattern not in {"", verb} for pattern in section.resources):
            problems.append((("resources",), f"`{verb}` is of a resource such as pods, not of a subresource"))
    for image in table.images or ():
        host, slash, _ = image.partition("/")
        if "*" in host and slash:
            problems.append((("images",), f"`{image}` leaves the registry open; write its name out"))
    return problems


def _unheld(table: KubernetesTable, effect: Effect) -> Problems:
    """What may not be allowed without a person who looks at it."""
    if effect is not Effect.ALLOW:
        return []
    problems: Problems = []
    if table.classes:
        message = "`classes` are for denials and approvals; what is allowed is named by `resources`"
        problems.append((("classes",), message))
    if table.opaque:
        problems.append((("opaque",), "what cannot be read is never allowed; a person may approve it"))
    return problems


def _parsed(texts: list[str], parse: Callable[[str], P], field: str, problems: Problems) -> tuple[P, ...]:
    found = []
    for text in texts:
        try:
            found.append(parse(text))
        except ValueError as error:
            problems.append(((field,), str(error)))
    return tuple(found)
