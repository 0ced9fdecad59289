"""The ports that a port-forward may reach; most clients name them only after it is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.model import Effect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from narrows.policy.kubernetes.section import Ports
    from narrows.policy.kubernetes.uses import Use
    from narrows.policy.rules import Rule

PORT_MAX = 65_535


def read_ports(text: str) -> tuple[int, int]:
    """Reads a port or a range of ports, such as `8000-8099`.

    Raises:
        ValueError: It is neither, or none is in it.
    """
    first, dash, last = text.partition("-")
    if not (first.isascii() and first.isdecimal()) or (dash and not (last.isascii() and last.isdecimal())):
        raise ValueError(f"`{text}` is not a port or a range such as 8000-8099")
    found = int(first), int(last) if dash else int(first)
    if not 1 <= found[0] <= found[1] <= PORT_MAX:
        raise ValueError(f"`{text}` is not a range within 1-{PORT_MAX}")
    return found


def written_ports(ports: Ports) -> str:
    """Ports and ranges of them as rules write them."""
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ports)


def ports_for(rules: Iterable[Rule], use: Use) -> Ports:
    """The ports that rules let a forward reach: all that any names, without those that a denial names."""
    given: list[tuple[int, int]] = []
    taken: list[tuple[int, int]] = []
    for rule in rules:
        section = rule.kubernetes
        if section is None:
            continue
        if rule.effect is Effect.DENY:
            taken += section.ports if section.may_forward(use) else ()
        elif section.is_of(use):
            given += section.ports
    if use.ports:
        given = [(port, port) for port in use.ports]
    for hole in taken:
        given = [left for one in given for left in _without(one, hole)]
    return tuple(sorted(set(given)))


def _without(one: tuple[int, int], hole: tuple[int, int]) -> Ports:
    pieces = ((one[0], min(one[1], hole[0] - 1)), (max(one[0], hole[1] + 1), one[1]))
    return tuple(piece for piece in pieces if piece[0] <= piece[1])
