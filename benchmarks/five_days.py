"""Five recorded days of the sample fleet through the real flow: `python -m benchmarks.five_days --data FOLDER`.

The accounts keep their strategies, policies and timeframes. Their instruments become those for which there is a file:
candles are not invented. Days and files are those of the folder that the tests read, which is not part of the project.
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

CONFIGURATION = Path(__file__).parents[1] / "config"


@dataclass(frozen=True, slots=True)
class Past:
    """Files of one feed, and the days that are replayed from it.

    Attributes:
        files: by instrument.
        start, end: candles that close after the one and not after the other.
    """

    files: Mapping[str, str]
    start: str
    end: str


_MINUTES = {"EUR/USD": "EUR_USD_M1_bidask_oanda_lean.parquet", "XAU/USD": "XAU_USD_M1_bidask_oanda_lean.parquet"}
_MAY = ("2014-05-05", "2014-05-10")
_MARCH = ("2024-03-04", "2024-03-09")
_BITCOIN = "BTC-USDT_M5_binance_2024.parquet"
_ETHER = "ETH-USDT_M5_binance_2024.parquet"
PASTS = {
    "minutes": Past(_MINUTES, *_MAY),
    "every-minute": Past(_MINUTES, *_MAY),
    "hours": Past(
        {
            "EUR/USD": "EUR_USD_H1_bidask_oanda_lean.parquet",
            "XAU/USD": "XAU_USD_H1_bidask_oanda_lean.parquet",
            "GBP/USD": "GBP_USD_H1_mt5_2012_2022.parquet",
        },
        *_MAY,
    ),
    # Of Coinbase there are no five days in a row: these are the candles of the same coins against tether.
    "dollars": Past({"BTC/USD": _BITCOIN, "ETH/USD": _ETHER}, *_MARCH),
    "tether": Past({"BTC/USDT": _BITCOIN, "ETH/USDT": _ETHER}, *_MARCH),
    "perpetuals": Past({"BTC/USDT:USDT": _BITCOIN, "ETH/USDT:USDT": _ETHER}, *_MARCH),
}
_FEEDS = {"coinbase": "dollars", "kucoin": "tether", "aster": "perpetuals"}
_LENGTHS = {"M1": "every-minute", "H1": "hours", "H4": "hours"}


def main(words: Sequence[str]) -> int:
    """Replay feed after feed; return 1 where a cycle ended with an error."""
    asked = _parser().parse_args(words)
    folder = asked.folder.resolve()
    held = write_configuration(folder / "config", asked.data.resolve())
    codes = [_replay(folder, feed, held[feed]) for feed in asked.feeds]
    return int(any(codes))


def write_configuration(folder: Path, data: Path) -> dict[str, list[str]]:
    """Write the sample fleet on recorded candles; return the accounts of each feed."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in ("policy.yaml", "universe.yaml"):
        shutil.copy(CONFIGURATION / file, folder)
    yaml = YAML()
    fleet = yaml.load((CONFIGURATION / "accounts.yaml").read_text(encoding="utf-8"))
    feeds = {name: _feed_of(fleet["defaults"], account) for name, account in fleet["accounts"].items()}
    fleet["feeds"] = {name: _written(past, data) for name, past in PASTS.items()}
    for name in _too_short(fleet, feeds):
        print(f"{name} is left out: candles as short as its own were not recorded")
        del fleet["accounts"][name], feeds[name]
    for name, account in fleet["accounts"].items():
        account["feed"] = feeds[name]
        if "instruments" in account:  # an account of a universe chooses from what the feed has
            known = PASTS[feeds[name]].files
            account["instruments"] = [one for one in account["instruments"] if one in known] or list(known)
    yaml.dump(fleet, folder / "accounts.yaml")
    return {feed: [name for name, of in feeds.items() if of == feed] for feed in PASTS}


def _too_short(fleet: Mapping[str, Any], feeds: Mapping[str, str]) -> list[str]:
    """Accounts that act on shorter candles than their feed has."""
    five_minutes = set(_FEEDS.values())
    lengths = {name: account.get("timeframe") for name, account in fleet["accounts"].items()}
    return [name for name, length in lengths.items() if length == "M1" and feeds[name] in five_minutes]


def _feed_of(defaults: Mapping[str, Any], account: Mapping[str, Any]) -> str:
    length = _LENGTHS.get(account.get("timeframe", defaults["timeframe"]), "minutes")
    return _FEEDS.get(account["venue"], length)


def _written(past: Past, data: Path) -> dict[str, object]:
    return {"kind": "recorded", "files": {name: str(data / file) for name, file in past.files.items()}}


def _replay(folder: Path, feed: str, accounts: Sequence[str]) -> int:
    """Replay in a folder of its own, so that every ledger can be asked afterwards."""
    past = PASTS[feed]
    places = ("--home", str(folder / feed), "--config", str(folder / "config"))
    words = (*places, "replay", *accounts, "--from", past.start, "--to", past.end)
    return subprocess.run([Path(sys.executable).with_name("desk"), *words], check=False).returncode


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.five_days", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the files")
    parser.add_argument("--folder", type=Path, default=Path("var/five-days"), help="where configuration and ledgers go")
    parser.add_argument("--feeds", nargs="+", choices=tuple(PASTS), default=list(PASTS))
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
