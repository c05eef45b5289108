"""Writes a strategy and its test to begin with."""

import re
from pathlib import Path
from string import Template

import desk
from console.failures import NotUnderstood
from console.services.plugins import every_strategy
from console.showing import print_json, print_line
from desk.adapters.settings import settings
from desk.contracts.plugins import class_name
from desk.registry import strategies

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")

_STRATEGY = Template('''\
"""Go with a price that has left its average."""

from types import MappingProxyType

from pydantic import Field

from desk.indicators.scoring import ema_settles, from_warm_up, ramp, wilder_settles
from desk.indicators.trend import ema
from desk.indicators.volatility import above_noise, atr
from desk.model.market import Market
from desk.model.scores import Scores
from desk.plugin import Strategy


class $cls(Strategy):
    """Buy a close well above its average, sell a close well below it.

    It believes that a price that has left its average goes further. Say here what yours believes, when it earns and
    when it loses, and where the idea comes from.
    """

    meanings = MappingProxyType(
        {
            "distance_atr": "Close above its average, in ATR; below 0 under it.",
            "atr": "Usual range of a candle (average true range), in price.",
        }
    )

    period: int = Field(default=20, ge=2, le=200, description="Candles in the average.")
    entry_distance: float = Field(default=1.5, ge=0, le=2, description="Distance in ATR up to which it is silent.")
    full_distance: float = Field(default=3.0, ge=2.5, le=10, description="Distance in ATR from which it is certain.")

    @property
    def warm_up(self) -> int:
        return max(ema_settles(self.period), wilder_settles(14))

    def evaluate(self, market: Market) -> Scores:
        candles = market.own
        unit = above_noise(atr(candles.high, candles.low, candles.close, 14), candles.close)
        distance = (candles.close - ema(candles.close, self.period)) / unit
        up, down = (ramp(side, self.entry_distance, self.full_distance) for side in (distance, -distance))
        return Scores(
            score=from_warm_up(up - down, self.warm_up),
            stop=from_warm_up(2 * unit, self.warm_up),
            target=from_warm_up(4 * unit, self.warm_up),
            features={"distance_atr": distance, "atr": unit},
        )
''')

_TEST = Template('''\
"""What $name believes, and that it keeps what every strategy must."""

$imports

$found
CLIMB = np.append(ripple(150), 1000 + np.arange(1, 11) * 0.5)


def last_score(market):
    return STRATEGY().evaluate(market).score[-1]


def test_it_keeps_the_contract():
    check_plugin(STRATEGY, "$name")
    check_strategy(STRATEGY())


def test_a_close_far_above_its_average_is_a_reason_to_buy():
    assert last_score(market_of(CLIMB)) > 0.5


def test_a_close_far_below_its_average_is_a_reason_to_sell():
    assert last_score(mirrored(market_of(CLIMB))) < -0.5


def test_a_quiet_range_is_no_opinion():
    assert last_score(market_of(ripple(160))) == 0
''')

_TOOLS = """\
import numpy as np

from desk.contracts.drawn import market_of, mirrored, ripple
from desk.contracts.plugins import check_plugin
from desk.contracts.strategies import check_strategy
"""

_OWN = Template("""\
STRATEGIES = strategies()
STRATEGIES.look_in(Path(__file__).parents[1])
STRATEGY = STRATEGIES.get("$name")
""")


def write_strategy(name: str, *, as_json: bool) -> int:
    """Write the strategy and its test, and print where they are.

    Raises:
        NotUnderstood: the name is no name of a file, or is taken; or there is no folder to write to.
    """
    _check(name)
    texts = _own(name, folder) if (folder := settings().strategies) else _in_checkout(name)
    for path in texts:
        if path.exists():
            raise NotUnderstood(f"expected a new name, found that {path} is there already; nothing was written")
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    strategies().reload()
    if as_json:
        print_json([str(path) for path in texts])
    else:
        _tell(name, list(texts))
    return 0


def _check(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise NotUnderstood(f"expected a name of small letters, digits and _, such as my_trend, found '{name}'")
    folder = settings().strategies
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    if strategies().present_name(name) in every_strategy():
        raise NotUnderstood(f"expected a new name, found '{name}', which is a strategy already; nothing was written")


def _own(name: str, folder: Path) -> dict[Path, str]:
    imports = f"from pathlib import Path\n\n{_TOOLS}from desk.registry import strategies\n"
    test = _TEST.substitute(name=name, imports=imports, found=_OWN.substitute(name=name))
    return {folder / f"{name}.py": _source(name), folder / "tests" / f"test_{name}.py": test}


def _in_checkout(name: str) -> dict[Path, str]:
    package = Path(desk.__file__).parent
    tests = package.parent / "tests" / "desk" / "strategies"
    if not tests.is_dir():
        raise NotUnderstood("expected a folder for your strategies in DESK_STRATEGIES, found none; see .env.example")
    imports = f"{_TOOLS}from desk.strategies.{name} import {class_name(name)}\n"
    test = _TEST.substitute(name=name, imports=imports, found=f"STRATEGY = {class_name(name)}\n")
    return {package / "strategies" / f"{name}.py": _source(name), tests / f"test_{name}.py": test}


def _source(name: str) -> str:
    return _STRATEGY.substitute(cls=class_name(name))


def _tell(name: str, paths: list[Path]) -> None:
    for path in paths:
        print_line(f"wrote {path}")
    print_line(f"Next: change what it believes, then `desk strategies check {name}` and `pytest {paths[-1]}`.")
