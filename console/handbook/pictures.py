"""Draws the pictures of README.md: pages of the dashboard as vectors, which are text and sharp at any size.

`python -m console.handbook.pictures` writes them; it needs chromium, pdftocairo (Debian's poppler-utils) and npx.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from console.handbook.screenshots import ROOT, SHOWN, served, traded

if TYPE_CHECKING:  # it is there for the tests alone
    from playwright.sync_api import Page

_FOLDER = ROOT / "docs" / "pictures"
_WIDTH = 1360
_OPTIMISER = ("npx", "--yes", "svgo@4", "--multipass", "--precision", "1")


def main(words: Sequence[str]) -> int:
    """Write the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--home", type=Path, help="an installation that has traded already")
    parser.add_argument("--config", type=Path, default=ROOT / "config")
    parser.add_argument("--chromium", default=shutil.which("chromium"), help="the browser")
    chosen = parser.parse_args(words)
    _FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        home = chosen.home or traded(folder, chosen.config)
        _print(home, chosen.config, folder, chosen.chromium)
        for page in sorted(folder.glob("*.pdf")):
            _draw(page, _FOLDER / f"{page.stem}.svg")
    return 0


def _print(home: Path, config: Path, folder: Path, chromium: str | None) -> None:
    """Print the pages, each on one sheet as large as itself."""
    from playwright.sync_api import sync_playwright

    with served(home, config) as place, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": _WIDTH, "height": 900})
        page.emulate_media(media="screen", color_scheme="light")
        page.goto(place.link)
        _print_page(page, folder / "fleet.pdf")
        page.goto(f"{place.address}/trades?account={SHOWN}")
        page.locator("td a[href*='/cycle/']").first.click()
        page.get_by_text("Decisions").wait_for()
        _print_page(page, folder / "cycle.pdf")
        browser.close()


def _print_page(page: "Page", file: Path) -> None:
    page.locator(".live > *").first.wait_for()
    page.wait_for_timeout(700)
    # What is cut off at round corners would be cut off word by word, each with a path of its own.
    page.add_style_tag(content="table, .chart { overflow: visible !important }")
    height = page.evaluate("document.documentElement.scrollHeight")
    page.pdf(path=file, width=f"{_WIDTH}px", height=f"{height + 2}px", print_background=True)


def _draw(page: Path, picture: Path) -> None:
    drawn = page.with_suffix(".svg")
    subprocess.run(["pdftocairo", "-svg", page, drawn], check=True)  # noqa: S603, S607 - our own words
    subprocess.run([*_OPTIMISER, drawn, "-o", picture], check=True)  # noqa: S603 - our own words


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
