"""The repository holds itself to its own conventions."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import msgspec
import pytest

ROOT = Path(__file__).parent.parent
LINES_MAX = 600
MADE = "do not edit"
"""In the first line of what a program made: a table is as long as what it lists."""
"""A file longer than this holds two ideas."""
ALLOWED_CRATES = {
    "narrows-mask": set(),
    "narrows-journal": set(),
    "narrows-wire": {"narrows-mask"},
    "narrows-relay": {"narrows-wire", "narrows-mask", "narrows-journal"},
    "narrows-python": {"narrows-relay", "narrows-wire", "narrows-mask", "narrows-journal"},
}
BANNED_IN_CRATE = {
    "narrows-wire": {"tokio", "pyo3", "rustls"},
    "narrows-mask": {"tokio", "pyo3", "rustls"},
    "narrows-journal": {"tokio", "pyo3", "rustls"},
    "narrows-relay": {"pyo3"},
}


def tracked(*patterns: str) -> list[Path]:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.fail("these checks need the git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_files_hold_one_idea() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in tracked("*.py", "*.rs")
        if (count := len(lines := path.read_text().splitlines())) > LINES_MAX and MADE not in lines[0]
    }
    assert not long


def test_crates_depend_downwards_only() -> None:
    told = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--no-deps"], cwd=ROOT, capture_output=True, check=True
    )
    for package in json.loads(told.stdout)["packages"]:
        needs = {each["name"] for each in package["dependencies"] if each["kind"] != "dev"}
        ours = {name for name in needs if name.startswith("narrows-")}
        assert ours <= ALLOWED_CRATES[package["name"]], package["name"]
        assert not needs & BANNED_IN_CRATE.get(package["name"], set()), package["name"]


def test_every_crate_but_the_binding_forbids_unsafe_code() -> None:
    for library in sorted((ROOT / "rust").glob("*/src/lib.rs")):
        if library.parts[-3] != "python":
            assert "#![forbid(unsafe_code)]" in library.read_text(), library


def test_every_dependency_has_its_reason() -> None:
    for manifest in (ROOT / "rust").glob("*/Cargo.toml"):
        section = manifest.read_text().split("[dependencies]")[1].split("\n[")[0].strip().splitlines()
        for above, line in zip(["", *section], section, strict=False):
            if (
                "=" in line
                and "narrows-" not in line
                and ".workspace" not in line
                and not line.startswith("#")
            ):
                assert above.startswith("#"), f"{manifest}: {line}"
    lines = (ROOT / "pyproject.toml").read_text().split("dependencies = [")[1].split("]\n")[0].splitlines()
    for line in lines:
        if line.strip().startswith('"'):
            assert "#" in line, line


@pytest.mark.parametrize(
    "banned", [r"\bget_\w+\(", r"class \w*(Manager|Helper)\b", r"^(import|from) \.?utils\b"]
)
def test_banned_names(banned: str) -> None:
    pattern = re.compile(
        rf"(def|fn|class|import) .*{banned}" if banned.startswith(r"\bget_") else banned, re.MULTILINE
    )
    found = [str(path) for path in tracked("python/**.py", "rust/**.rs") if pattern.search(path.read_text())]
    assert not found


def test_every_setting_is_documented() -> None:
    from narrows import config
    from narrows.config.section import Section

    documented = (ROOT / "docs" / "operating.md").read_text()
    missing = [
        field.encode_name
        for section in vars(config).values()
        if isinstance(section, type) and issubclass(section, Section)
        for field in msgspec.structs.fields(section)
        if f"`{field.encode_name}`" not in documented
    ]
    assert not missing


def test_every_decision_page_is_listed() -> None:
    index = (ROOT / "docs" / "decisions" / "README.md").read_text()
    for page in (ROOT / "docs" / "decisions").glob("0*.md"):
        assert page.name in index


def test_versions_agree() -> None:
    python = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    rust = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
    assert python == rust
