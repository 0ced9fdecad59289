"""A cluster without a network: objects by path, writes tried and done, and everything that was asked."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from narrows.gateway.clusters.api_server import Answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from narrows.credentials.cluster import ClusterTerms


@dataclass
class FakeCluster:
    """Stands in for `api_server`; knows merge patches and whole objects."""

    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By path."""
    refuses: dict[str, Answer] = field(default_factory=dict)
    """By method and path: what is answered in place of anything else."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    terms: list[ClusterTerms] = field(default_factory=list)

    @asynccontextmanager
    async def reached(self, terms: ClusterTerms) -> AsyncIterator[FakeCluster]:
        self.terms.append(terms)
        yield self

    async def call(
        self, method: str, path: str, *, body: bytes = b"", content_type: str = "", accept: str = ""
    ) -> Answer:
        self.asked.append((method, path))
        parts = urlsplit(path)
        query = dict(parse_qsl(parts.query))
        if answer := self.refuses.get(f"{method} {parts.path}"):
            return answer
        if method != "GET":
            assert query["dryRun"] == "All"
        now = self.objects.get(parts.path)
        match method:
            case "GET" if now is not None:
                return answered(200, now)
            case "GET" if listed := self._below(parts.path):
                return answered(200, {"metadata": {}, "items": listed})
            case "GET":
                return answered(404, {"reason": "NotFound"})
            case "PATCH":
                return answered(200, merged(now or {}, json.loads(body)))
            case "DELETE":
                return answered(200 if now else 404, now or {"reason": "NotFound"})
            case _:
                return answered(201 if method == "POST" else 200, json.loads(body))

    def _below(self, path: str) -> list[dict[str, Any]]:
        return [one for where, one in self.objects.items() if where.rpartition("/")[0] == path]


def answered(status: int, document: dict[str, Any]) -> Answer:
    return Answer(status, json.dumps(document).encode())


def merged(now: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """RFC 7396."""
    result = dict(now)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            result[name] = merged(result.get(name) or {}, value)
        else:
            result[name] = value
    return result
