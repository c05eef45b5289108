"""Looks for strategies that look ahead, or that a scan with a short history would not know again."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from console.backtesting import files_of
from console.examining import candle_files, market_of
from console.failures import FAILED, NotUnderstood
from console.naming import account_of
from console.services.plugins import every_strategy, strategy_named
from console.showing import print_json, print_line, print_rows
from console.validating import Row, plain
from desk.adapters.backtests.opening import open_past
from desk.adapters.configuration import read_fleet
from desk.adapters.data.names import find_file
from desk.adapters.feeds.candle_files import read_candles
from desk.adapters.settings import settings
from desk.backtest.validation.peeking import Peek, find_peeks
from desk.backtest.validation.warming import WarmUp, usual_lookbacks, warm_up_table
from desk.contracts.strategies import history_for, market_for
from desk.model.candles import Candles
from desk.model.market import Market
from desk.plugin import Strategy

DRAWN = "a drawn market"
_HALF_SPREAD_BPS = 0.4
_WARM_UPS = 12
_LOOKBACK, _THRESHOLD = 400, 0.35


@dataclass(frozen=True, slots=True)
class Looked:
    """Where to look.

    Attributes:
        data: a candle file, a folder of them, or the name of a recording; None for a drawn market.
        account: whose strategies, parameters and candles; None for strategies with their defaults.
        candles: of the own timeframe at the most, counted from the newest.
        cuts: how many times are taken for the present.
    """

    names: Sequence[str]
    data: str | None
    account: str | None
    files: Sequence[str]
    start: datetime | None
    end: datetime | None
    candles: int
    cuts: int
    seed: int


@dataclass(frozen=True, slots=True)
class _Case:
    strategy: Strategy
    data: str
    market: Market
    lookback: int = _LOOKBACK
    threshold: float = _THRESHOLD


def find_lookahead(looked: Looked, *, as_json: bool) -> int:
    """Print every array of every strategy that depends on the future; return 1 where there is one.

    Raises:
        NotUnderstood: there is no such strategy, account or file.
        ConfigError, DataError: the candles cannot be used.
    """
    found = [
        (case, find_peeks(case.strategy, case.market, seed=looked.seed, cuts=looked.cuts)) for case in _cases(looked)
    ]
    peeks = [(case, peek) for case, several in found for peek in several]
    if as_json:
        print_json([_facts(case, several) for case, several in found])
    else:
        print_rows([_row(case, several) for case, several in found], as_json=False)
        for case, peek in peeks:
            print_line()
            print_line(_told(case, peek))
    return FAILED if peeks else 0


def show_warm_up(looked: Looked, *, as_json: bool) -> int:
    """Print how much strategies answer otherwise with short histories; return 0.

    Raises:
        NotUnderstood: there is no such strategy, account or file.
        ConfigError, DataError: the candles cannot be used.
    """
    rows = [(case, row) for case in _cases(looked) for row in _warm_up(case)]
    if as_json:
        print_json([{"strategy": case.strategy.name, "data": case.data, **asdict(row)} for case, row in rows])
    else:
        print_rows([_warm_up_row(*one) for one in rows], as_json=False)
    return 0


def _warm_up(case: _Case) -> tuple[WarmUp, ...]:
    lookbacks = usual_lookbacks(case.strategy, case.lookback)
    return warm_up_table(case.strategy, case.market, lookbacks, threshold=case.threshold)


def _cases(looked: Looked) -> Iterator[_Case]:
    if looked.account is not None:
        yield from _of_account(looked, looked.account)
        return
    chosen = [strategy_named(name)() for name in looked.names] or [kind() for kind in every_strategy().values()]
    files = None if looked.data is None else _candles(looked.data)
    for strategy in chosen:
        if files is None:
            count = max(history_for(strategy), _WARM_UPS * strategy.warm_up)
            yield _Case(strategy, DRAWN, market_for(strategy, count, half_spread_bps=_HALF_SPREAD_BPS))
        else:
            yield from _on_files(strategy, files, looked.candles)


def _on_files(strategy: Strategy, files: dict[str, Candles], most: int) -> Iterator[_Case]:
    for name, candles in files.items():
        market = market_of(strategy, candles)
        if market is not None:
            yield _Case(strategy, name, _newest(market, most))


def _of_account(looked: Looked, account: str) -> Iterator[_Case]:
    fleet = read_fleet(settings().config)
    account_of(fleet, account)
    opened = open_past(fleet, account, files=files_of(looked.files), start=looked.start, end=looked.end)
    past = asyncio.run(opened)
    own = [one.strategy for one in past.policy.strategies if not looked.names or one.strategy.name in looked.names]
    if not own:
        raise NotUnderstood(f"expected a strategy of {account}, found {', '.join(looked.names)}")
    for strategy in own:
        for name in past.policy.instruments:
            market = past.history.market(name, (past.policy.timeframe, *strategy.reads))
            known = {each: one.until(past.history.base[name].closed_at) for each, one in market.by_timeframe.items()}
            closed = Market(market.timeframe, known)
            yield _Case(strategy, name, _newest(closed, looked.candles), past.policy.lookback, past.policy.entry_score)


def _candles(text: str) -> dict[str, Candles]:
    if Path(text).is_dir():
        return candle_files(Path(text))
    path = Path(text) if Path(text).is_file() else find_file(settings().data_folder, text)
    return {path.stem if Path(text).is_file() else text: read_candles(path, path.stem)}


def _newest(market: Market, most: int) -> Market:
    """The newest own candles, and of the others those that had closed since; what closed before is left out as well."""
    own = market.own.tail(most)
    if len(own) == 0:
        return market
    first = int(own.time[0])
    kept = {each: one if each is market.timeframe else _since(one, first) for each, one in market.by_timeframe.items()}
    return Market(market.timeframe, {**kept, market.timeframe: own})


def _since(candles: Candles, first: int) -> Candles:
    return candles[int((candles.time < first - candles.timeframe.seconds).sum()) :]


def _facts(case: _Case, found: Sequence[Peek]) -> Row:
    peeks = [{**asdict(peek), "sources": [asdict(source) for source in peek.sources]} for peek in found]
    return {"strategy": case.strategy.name, "data": case.data, "candles": len(case.market.own), "peeks": peeks}


def _row(case: _Case, found: Sequence[Peek]) -> Row:
    return {
        "strategy": case.strategy.name,
        "data": case.data,
        "candles": len(case.market.own),
        "looks ahead": ", ".join(peek.label for peek in found) or "no",
        "at": ", ".join(dict.fromkeys(str(source) for peek in found for source in peek.sources)),
    }


def _told(case: _Case, peek: Peek) -> str:
    what = " and the ".join(str(source) for source in peek.sources) or "number of candles"
    return (
        f"{peek.strategy} looks ahead on {case.data}: its {peek.label} at {peek.close:%Y-%m-%dT%H:%M:%SZ} (candle "
        f"{peek.row + 1}) changes with what came after {peek.known_until:%Y-%m-%dT%H:%M:%SZ}: the {what}; "
        f"{peek.rows} candles were seen to change"
    )


def _warm_up_row(case: _Case, row: WarmUp) -> Row:
    return {
        "strategy": case.strategy.name,
        "data": case.data,
        "lookback": row.lookback,
        "compared": row.compared,
        "score differs by": plain(row.score, 6) if row.compared else "",
        "stop": plain(row.stop, 6) if row.compared else "",
        "target": plain(row.target, 6) if row.compared else "",
        "other decisions": row.decisions if row.compared else "",
    }
