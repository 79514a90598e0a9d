"""The documents' Python runs as it stands: all blocks of a file in order, in one namespace."""

import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)[^)]*\)|`((?:docs|pacsim|tests)/[\w/.-]+\.(?:md|py))`")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
WITH_CODE = [page for page in PAGES if BLOCK.search(page.read_text(encoding="utf-8"))]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", WITH_CODE, ids=name)
def test_code_blocks_run(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = page.read_text(encoding="utf-8")
    known: dict[str, Any] = {"__name__": "page"}
    for found in BLOCK.finditer(text):
        # Lines are numbered as in the page, so that an error points there.
        line = text.count("\n", 0, found.start(1))
        exec(compile("\n" * line + found.group(1), str(page), "exec"), known)
    capsys.readouterr()


def test_the_pages_with_code_are_found() -> None:
    assert {"README.md", "docs/builder.md"} <= {name(page) for page in WITH_CODE}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_what_a_page_names_is_there(page: Path) -> None:
    """Links between pages and files named by their path exist."""
    for found in LINK.finditer(page.read_text(encoding="utf-8")):
        near, path = found.groups()
        target = page.parent / near if near else ROOT / path
        assert target.exists(), near or path


def test_every_rule_of_the_core_has_a_test() -> None:
    """`docs/semantics.md` states R1 to R31 once each, and names a test for each of them."""
    text = (ROOT / "docs" / "semantics.md").read_text(encoding="utf-8")
    parts = re.split(r"^### R(\d+)", text, flags=re.MULTILINE)
    rules = dict(zip(map(int, parts[1::2]), parts[2::2], strict=True))
    assert list(rules) == list(range(1, 32))
    for number, rule in rules.items():
        assert re.search(r"`tests/[\w/]+\.py`", rule) or "not built yet" in rule, f"R{number}"
