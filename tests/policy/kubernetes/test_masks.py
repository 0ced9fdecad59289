"""What is masked in the answers of a cluster, and for whom."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from narrows._core import Plane
from narrows.errors import PolicyError
from narrows.model import Principal, Target
from narrows.policy import judge, object_masks
from narrows.policy.kubernetes.reading import read_call_text

from .questions import ADMIN, AGENT, CLUSTER, loaded, rule

if TYPE_CHECKING:
    from pathlib import Path

ADMINS = '[principals.admins]\nissuer = "entra"\nany = [{ groups = "admins" }]\n'
OWN = """
[[mask]]
id = "own"
targets = ["prod"]
except = ["admins"]
kubernetes = { resources = ["secrets"], paths = ["$.data.*"] }
"""


def masks(directory: Path, *text: str, who: Principal = AGENT, target: Target = CLUSTER) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(object_masks(loaded(directory, *text), who, target))
    return document


def test_secrets_are_masked_without_a_mask(tmp_path: Path) -> None:
    document = masks(tmp_path, rule("a", "allow", "verbs = ['get'], resources = ['secrets']"))
    assert document["masks"][0] == {
        "id": "secrets",
        "resources": [["", "secrets"]],
        "paths": ["$.data.*", "$.stringData.*"],
        "transform": "placeholder",
        "except_names": [],
    }
    assert "secrets" in document["remember"]
    assert document["drop_annotations"] == ["kubectl.kubernetes.io/last-applied-configuration"]


def test_a_mask_of_secrets_takes_the_place_of_the_built_in(tmp_path: Path) -> None:
    assert [mask["id"] for mask in masks(tmp_path, ADMINS, OWN)["masks"]] == ["issued-tokens", "own"]
    assert masks(tmp_path, ADMINS, OWN)["remember"] == ["issued-tokens", "own"]


def test_whom_it_excepts_sees_them(tmp_path: Path) -> None:
    assert [mask["id"] for mask in masks(tmp_path, ADMINS, OWN, who=ADMIN)["masks"]] == ["issued-tokens"]


RELEASES = """
[[mask]]
id = "but-releases"
targets = ["prod"]
kubernetes = { resources = ["secrets"], paths = ["$.data.*"], except-names = ["NAMES"] }
"""


def test_objects_are_excepted_by_their_names(tmp_path: Path) -> None:
    named = masks(tmp_path, RELEASES.replace("NAMES", "sh.helm.release.v1.*"))["masks"][1]
    assert (named["id"], named["except_names"]) == ("but-releases", ["sh.helm.release.v1.*"])


def test_a_mask_excepts_not_every_name(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="a mask that excepts every name masks nothing"):
        masks(tmp_path, RELEASES.replace("NAMES", "*"))


def test_elsewhere_the_built_in_holds(tmp_path: Path) -> None:
    other = Target("staging", "kubernetes")
    assert masks(tmp_path, ADMINS, OWN, who=ADMIN, target=other)["masks"][0]["id"] == "secrets"


def test_a_mask_of_everything_leaves_the_built_in(tmp_path: Path) -> None:
    every = (
        "[[mask]]\nid = 'e'\ntargets = ['*']\nkubernetes = { resources = ['*'], paths = ['$..password'] }\n"
    )
    document = masks(tmp_path, every)
    assert [mask["id"] for mask in document["masks"]] == ["secrets", "issued-tokens", "e"]
    assert document["masks"][2]["resources"] == [["*", "*"]]


def test_every_address_of_a_resource_is_masked(tmp_path: Path) -> None:
    text = (
        "[[mask]]\nid = 'e'\ntargets = ['*']\nkubernetes = { resources = ['events'], paths = ['$.note'] }\n"
    )
    assert masks(tmp_path, text)["masks"][2]["resources"] == [["", "events"], ["events.k8s.io", "events"]]


def test_detectors_look_into_every_answer(tmp_path: Path) -> None:
    text = "[[mask]]\nid = 'd'\ntargets = ['*']\ndetectors = ['pan']\ntransform = 'last4'\n"
    assert masks(tmp_path, text)["detectors"] == {"pan": "last4"}


def test_a_mask_of_objects_is_none_of_columns(tmp_path: Path) -> None:
    policy = loaded(tmp_path, ADMINS, OWN)
    assert policy.applicable(AGENT, Target("prod", "postgres")).masks == ()


def test_an_unmasked_reading_lets_selectors_and_patches_look(tmp_path: Path) -> None:
    policy = loaded(
        tmp_path, ADMINS, OWN, rule("a", "allow", "verbs = ['list', 'patch'], resources = ['secrets']")
    )
    selector = read_call_text("GET /api/v1/namespaces/a/secrets?fieldSelector=type%3Dx")
    body = b'[{"op": "test", "path": "/data/p", "value": "x"}]'
    patch = read_call_text("PATCH /api/v1/namespaces/a/secrets/s", body, "application/json-patch+json")
    for call in (selector, patch):
        assert judge(policy, AGENT, CLUSTER, call).rule == "masked-data"
        assert judge(policy, ADMIN, CLUSTER, call).rule == "a"


def test_the_data_plane_takes_them(tmp_path: Path) -> None:
    text = """
[[mask]]
id = "odd"
targets = ["*"]
kubernetes = { resources = ["*/*", "apps/deployments"], paths = [
    "$.data['a.b']", '$."a b".c', "$..password", "$.items[*].*",
] }

[[mask]]
id = "found"
targets = ["*"]
detectors = ["pan", "jwt"]
"""
    document = object_masks(loaded(tmp_path, ADMINS, OWN, text), AGENT, CLUSTER)
    plane = Plane(str(tmp_path / "journal"))
    try:
        plane.publish_object_masks(1, document, pseudonym_key=bytes(32))
    finally:
        plane.shutdown(0)
