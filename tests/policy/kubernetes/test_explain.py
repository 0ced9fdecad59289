"""`narrows policy explain --call`, which asks no cluster."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from narrows.cli import main

POLICIES = Path(__file__).parents[3] / "policies" / "cluster"
OPTIONS = [
    "--policies",
    str(POLICIES),
    "--target",
    "prod",
    "--label",
    "cluster=shop",
    "--as",
    "groups=sg-release",
]


def explained(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    assert main(["policy", "explain", *OPTIONS, "--json", "--call", *arguments]) == 0, capsys.readouterr().err
    return dict(json.loads(capsys.readouterr().out))


def test_a_call_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    document = explained(capsys, "GET /api/v1/namespaces/shop-web/pods")
    assert (document["effect"], document["rule"]) == ("allow", "read-shop")


def test_a_body_comes_from_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    body = tmp_path / "patch.yaml"
    body.write_text("spec:\n  template:\n    spec:\n      hostNetwork: true\n")
    document = explained(
        capsys,
        "PATCH /apis/apps/v1/namespaces/shop-web/deployments/web",
        "--body",
        str(body),
        "--content-type",
        "application/apply-patch+yaml",
    )
    assert document["hint"] == "rule roll-out allows it without hostNetwork"


@pytest.mark.parametrize("arguments", [["pods"], ["GET /api//v1"], ["GET /api", "--body", "/nowhere"]])
def test_what_is_no_call_is_told(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert main(["policy", "explain", *OPTIONS, "--call", *arguments]) == 1
    assert capsys.readouterr().err.startswith("narrows: ")


@pytest.mark.parametrize(
    ("call", "lines"),
    [
        (
            "GET /api/v1/namespaces/shop-a/pods/orders-db-0/portforward",
            ["allow by reach-the-database: ", "  ports: 5432\n"],
        ),
        (
            "GET /api/v1/namespaces/shop-a/pods/web-0/exec?command=ls&command=-l&stdout=true",
            ["allow by look-into-pods: ", "  running `ls -l`: allow by look-into-pods\n"],
        ),
    ],
)
def test_an_explanation_reads_as_the_rules_do(
    capsys: pytest.CaptureFixture[str], call: str, lines: list[str]
) -> None:
    options = [*OPTIONS[:-1], "groups=sg-support"]
    assert main(["policy", "explain", *options, "--call", call]) == 0
    told = capsys.readouterr().out
    for line in lines:
        assert line in told
