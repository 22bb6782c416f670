"""The documentation builds as a site: links lead somewhere, pages are in the navigation, nothing is loaded from elsewhere."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
IMAGES = r'!\[[^\]]*\]\(([^)]+)\)|<img[^>]+src="([^"]+)"'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy of what the site is made from."""
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copyfile(ROOT / "mkdocs.yml", tmp_path / "mkdocs.yml")
    return tmp_path


def build(source: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    return subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)


def test_the_site_builds_without_a_warning_and_loads_nothing_from_elsewhere(source: Path) -> None:
    done = build(source)
    assert done.returncode == 0, done.stdout + done.stderr
    for page in pages():
        target = page.replace("README.md", "index.md").replace(".md", ".html")
        text = (source / "site" / target).read_text(encoding="utf-8")
        assert not re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(https?:[^"]+)', text), page


@pytest.mark.parametrize(
    ("link", "what"), [("nowhere.md", "page"), ("data.md#nowhere", "anchor"), ("../README.md", "page")]
)
def test_a_link_that_leads_nowhere_fails_the_build(link: str, what: str, source: Path) -> None:
    with (source / "docs/tutorial.md").open("a", encoding="utf-8") as page:
        page.write(f"\n[a link]({link})\n")
    done = build(source)
    assert done.returncode == 1 and f"{what} does not exist" in done.stdout + done.stderr


def test_every_page_is_in_the_navigation() -> None:
    """Which Zensical does not look at."""
    settings = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    assert sorted(entries(settings["nav"])) == pages()


def test_every_image_is_there() -> None:
    """Which Zensical does not look at either."""
    shown = [
        (page, image)
        for page in pages()
        for pair in re.findall(IMAGES, (ROOT / "docs" / page).read_text(encoding="utf-8"))
        for image in filter(None, pair)
    ]
    assert ("mlflow.md", "images/mlflow.png") in shown
    assert [one for one in shown if not (ROOT / "docs" / one[0]).parent.joinpath(one[1]).exists()] == []


def pages() -> list[str]:
    docs = ROOT / "docs"
    return sorted(path.relative_to(docs).as_posix() for path in docs.rglob("*.md"))


def entries(nav: Any) -> Iterator[str]:
    """The pages of a navigation, which nests lists and titles."""
    if isinstance(nav, str):
        yield nav
    else:
        for inner in nav.values() if isinstance(nav, dict) else nav:
            yield from entries(inner)
