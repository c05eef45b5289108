"""Takes a picture of every page of the dashboard, of a fleet that has traded for some hours in a folder of its own.

`python -m console.handbook.screenshots FOLDER` writes them; with `--home DIR` an installation is shown as it is.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from console.dashboard.menu import BELOW, MENU
from deployments.local_worker import start_worker
from deployments.server import start_server

if TYPE_CHECKING:  # it is there for the tests alone
    from playwright.sync_api import Page, ViewportSize

ROOT = Path(__file__).parents[2]
_COMMAND = "import sys; from console.main import main; main(sys.argv[1:])"
_ACCOUNTS = (
    "oanda-momentum",
    "oanda-momentum-2",
    "oanda-breakout",
    "oanda-adaptive-gold",
    "kucoin-spot",
    "aster-perpetual",
)
SHOWN, CHOOSING = "oanda-momentum", "kucoin-universe"
_TRADES, _BACKTEST = timedelta(hours=10), timedelta(days=5)
"""How long the fleet trades, and how long it is traded again in the past."""
_SATURDAY = 5
_SIZES = {"desktop": (1360, 900), "phone": (400, 860)}
_TALLEST = 2400
_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Served:
    """Where the dashboard is, and the link that lets in."""

    address: str
    link: str


def main(words: Sequence[str]) -> int:
    """Write the pictures; return 1 where a page had an error, or was wider than its window."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "build" / "screenshots")
    parser.add_argument("--home", type=Path, help="an installation that has traded already")
    parser.add_argument("--config", type=Path, default=ROOT / "config")
    parser.add_argument("--chromium", default=shutil.which("chromium"), help="the browser")
    chosen = parser.parse_args(words)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        home, config = chosen.home or traded(Path(temporary), chosen.config), chosen.config
        with served(home, config) as place:
            troubles = _take(place, chosen.folder, chosen.chromium)
    sys.stdout.write("\n".join([*troubles, f"written into {chosen.folder}"]) + "\n")
    return 1 if troubles else 0


def traded(home: Path, config: Path) -> Path:
    """The home of a fleet that has traded, with something halted and two backtests."""
    end = _last_open(datetime.now(UTC))
    _desk(home, config, "replay", *_ACCOUNTS, *_between(end - _TRADES, end))
    replayed = home / "replay"
    _desk(replayed, config, "scan", CHOOSING)
    _desk(replayed, config, "halt", "account:kucoin-spot", "--why", "The venue announced maintenance", "--as", "ana")
    _desk(replayed, config, "reduce", "strategy:breakout", "--why", "Wide spreads", "--as", "ben")
    for account in ("oanda-swing", "oanda-momentum-2"):
        _desk(replayed, config, "backtest", account, *_between(end - _BACKTEST, end))
    _desk(replayed, config, "audit", "verify")
    return replayed


def _last_open(now: datetime) -> datetime:
    """The last time at which it was four in the afternoon of a day on which every market is open."""
    four = now.replace(hour=16, minute=0, second=0, microsecond=0)
    days = (four - timedelta(days=number) for number in range(8))
    return next(day for day in days if day <= now and day.weekday() < _SATURDAY)


def _between(start: datetime, end: datetime) -> tuple[str, ...]:
    return "--from", start.isoformat(), "--to", end.isoformat()


def _desk(home: Path, config: Path, *words: str, environment: Mapping[str, str] | None = None) -> None:
    command = _command(home, config, *words)
    told = environment or _environment()
    subprocess.run(command, check=True, env=told, stdout=subprocess.DEVNULL)  # noqa: S603 - our own words


def _command(home: Path, config: Path, *words: str) -> list[str]:
    return [sys.executable, "-c", _COMMAND, "--home", str(home), "--config", str(config), *words]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


@contextmanager
def served(home: Path, config: Path) -> Iterator[Served]:
    """The dashboard of a desk that is running, with a server and a worker."""
    log = home / "worker.log"
    with (
        start_server(home / "prefect", port=0, base=_environment()) as server,
        start_worker(server.environment, directory=home, log=log, name="pictures"),
    ):
        _desk(home, config, "deploy", environment=server.environment)
        yield from _dashboard(server.environment, _command(home, config, "serve", "--port", "0", "--json"))


def _dashboard(environment: Mapping[str, str], command: Sequence[str]) -> Iterator[Served]:
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as serving:  # noqa: S603 - ours
        assert serving.stdout is not None
        try:
            told = ""
            while not told.endswith("}\n"):
                told += serving.stdout.readline() or sys.exit("the dashboard has ended")
            yield Served(**json.loads(told))
        finally:
            serving.terminate()


def _take(place: Served, folder: Path, chromium: str | None) -> list[str]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        entering = browser.new_context()
        page = entering.new_page()
        page.goto(place.link)
        page.get_by_role("row").nth(1).wait_for()
        session, paths = entering.storage_state(), _paths(page, place.address)
        troubles: list[str] = []
        for size, scheme in product(_SIZES, _SCHEMES):
            width, height = _SIZES[size]
            view: ViewportSize = {"width": width, "height": height}
            context = browser.new_context(storage_state=session, color_scheme=scheme, viewport=view)
            for name, path in paths.items():
                file = folder / f"{name}-{size}-{scheme}.png"
                troubles += _picture(context.new_page(), f"{place.address}{path}", file)
            context.close()
        browser.close()
    return troubles


def _paths(page: "Page", address: str) -> dict[str, str]:
    """The pages of the menu, and one of each kind below them."""
    page.goto(f"{address}/account/{SHOWN}")
    cycle = page.locator("td a[href*='/cycle/']").first.get_attribute("href") or ""
    page.goto(f"{address}/backtests")
    page.locator(".live > *").first.wait_for()
    kept = [str(one.get_attribute("href")).rpartition("=")[2] for one in page.get_by_role("link", name="Compare").all()]
    return {
        **{entry.name.lower(): entry.path for entry in (*MENU, *BELOW)},
        "account": f"/account/{SHOWN}",
        "account-that-chooses": f"/account/{CHOOSING}",
        "universe": f"/account/{CHOOSING}/universe",
        "cycle": cycle,
        "chart": f"/chart?account={SHOWN}",
        "editor": f"/strategies?edit=accounts.{SHOWN}.strategies[0]",
        "accounts-compared": "/strategies?first={}&second={}".format(*_ACCOUNTS),
        "backtests-compared": f"/backtests?compare={','.join(kept[:2])}",
        "unknown": "/account/nobody",
    }


def _picture(page: "Page", address: str, file: Path) -> list[str]:
    """Take one picture; return what was wrong with the page."""
    said: list[str] = []
    page.on("console", lambda one: said.append(one.text) if one.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address)
    page.locator(".live > *, .live:empty").first.wait_for(state="attached")
    page.wait_for_timeout(700)
    width, height, room = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.scrollHeight, window.innerWidth]"
    )
    page.screenshot(path=file, full_page=True, clip={"x": 0, "y": 0, "width": room, "height": min(height, _TALLEST)})
    page.close()
    return [f"{file.name}: {one}" for one in [*said, *([f"{width} wide in {room}"] if width > room else [])]]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
