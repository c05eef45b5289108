"""The tables of a report in words: what a page shows without a chart."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from desk.adapters.backtests.records import Outcome
from desk.backtest.drawdowns import EquityDrawdown, episodes
from desk.backtest.journal import DatedTrip
from desk.backtest.result import BacktestResult
from desk.backtest.rounds import ClosedRound
from desk.backtest.tables import RoundGrouping, YearReturns, grouped_figures, monthly_table, side_name, weekday_name
from desk.backtest.trade_figures import TradeFigures

_ENDS = 5
"""How many of the first and of the last trades are shown."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STRONGEST = 0.6
_TITLES = {
    RoundGrouping.INSTRUMENT: "By instrument",
    RoundGrouping.STRATEGY: "By strategy",
    RoundGrouping.SIDE: "By side",
    RoundGrouping.EXIT_REASON: "By exit reason",
    RoundGrouping.HOUR: "By hour of the entry (UTC)",
    RoundGrouping.WEEKDAY: "By weekday of the entry (UTC)",
    RoundGrouping.MONTH: "By month of the entry (UTC)",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a table.

    Attributes:
        number: for a figure, which is aligned to the right; None for words.
        heat: how strongly it is coloured, from -1 (a loss) to 1.
    """

    text: str
    number: float | None = None
    heat: float = 0.0

    @property
    def style(self) -> str:
        """The name of its style."""
        if self.number is None:
            return "words"
        return "number loss" if self.number < 0 else "number"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a page; `empty` is said where it has no rows."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str = "nothing"

    def is_number(self, place: int) -> bool:
        """Whether a column has figures."""
        return any(row[place].number is not None for row in self.rows)


def group_tables(rounds: Sequence[ClosedRound]) -> tuple[Table, ...]:
    """Return what the trades came to by everything that tells them apart."""
    return tuple(_group_table(rounds, by) for by in RoundGrouping)


def _group_table(rounds: Sequence[ClosedRound], by: RoundGrouping) -> Table:
    columns = ("", "trades", "won", "profit", "a trade", "profit factor", "R a trade", "costs")
    rows = ((Cell(_label(by, name)), *_group_row(one)) for name, one in grouped_figures(rounds, by).items())
    return Table(_TITLES[by], columns, tuple(rows), "no trade was closed")


def _label(by: RoundGrouping, name: str) -> str:
    return weekday_name(name) if by is RoundGrouping.WEEKDAY else name or "not known"


def _group_row(one: TradeFigures) -> Iterator[Cell]:
    yield Cell(f"{one.trades:,}", one.trades)
    yield _figure(one.win_rate.value if one.win_rate else None, ".3f")
    yield _figure(one.profit, ",.2f")
    yield _figure(one.expectancy, ",.2f")
    yield _figure(one.profit_factor, ".2f")
    yield _figure(one.risk.mean.value if one.risk.mean else None, "+.3f")
    yield _figure(one.costs, ",.2f")


def months_table(result: BacktestResult) -> Table:
    """Return what each month brought, as a fraction of the equity that it began with."""
    years = monthly_table(result.curve)
    strongest = max((abs(value) for year in years for value in year.months if value is not None), default=0.0)
    rows = tuple(_year_row(year, strongest) for year in years)
    return Table("Returns of the months", ("year", *_MONTHS, "whole"), rows, "no month has any equity")


def _year_row(year: YearReturns, strongest: float) -> tuple[Cell, ...]:
    def heated(value: float | None) -> Cell:
        if value is None:
            return Cell("")
        return Cell(f"{value:+.4f}", value, _STRONGEST * value / strongest if strongest else 0.0)

    return (Cell(str(year.year)), *(heated(value) for value in year.months), _figure(year.whole, "+.4f"))


def drawdowns_table(result: BacktestResult) -> Table:
    """Return the steepest falls of the equity."""
    columns = ("fraction", "amount", "peak", "low", "recovered", "days below")
    rows = tuple(_fall_row(one) for one in episodes(result.curve, 10))
    return Table("Largest drawdowns", columns, rows, "the equity never fell")


def _fall_row(one: EquityDrawdown) -> tuple[Cell, ...]:
    recovered = "not by the end" if one.recovered_at is None else _day(one.recovered_at)
    days = one.length.total_seconds() / 86_400
    return (
        Cell(f"{one.fraction:.4f}", one.fraction),
        _figure(one.amount, ",.2f"),
        Cell(_day(one.high_at)),
        Cell(_day(one.low_at)),
        Cell(recovered),
        _figure(days, ",.1f"),
    )


def reasons_table(result: BacktestResult) -> Table:
    """Return why nothing was proposed, the most frequent reason of each instrument first."""
    cycles = len(result.times)
    rows = tuple(
        (
            Cell(name),
            Cell(reason.value),
            Cell(f"{count:,}", count),
            _figure(count / cycles, ".4f"),
            Cell(reason.meaning),
        )
        for name, counts in result.no_trades.items()
        for reason, count in counts.most_common()
    )
    columns = ("instrument", "reason", "cycles", "of all", "which means")
    return Table("Why nothing was proposed", columns, rows, "something was proposed in every cycle")


def refusals_table(result: BacktestResult) -> Table:
    """Return which rule cut or refused proposals, and with which reason."""
    rows = tuple(
        (Cell(rule), Cell(reason.value), Cell(f"{count:,}", count), Cell(reason.meaning))
        for (rule, reason), count in result.refusals.most_common()
    )
    return Table("What cut or refused a proposal", ("rule", "reason", "times", "which means"), rows, "nothing was cut")


def breaker_table(result: BacktestResult) -> Table:
    """Return what the breaker did."""
    rows = tuple(
        (
            Cell(_minute(one.at)),
            Cell(one.limit.value),
            Cell(one.state.value),
            Cell(one.why),
            Cell(_minute(one.until) if one.until else "a person"),
        )
        for one in result.trips
    )
    return Table("What the breaker did", ("when (UTC)", "limit", "state", "why", "until"), rows, "no limit was reached")


def lasting_trips(result: BacktestResult) -> tuple[DatedTrip, ...]:
    """Return the trips after which only a person lets the account go on, so that the rest of the run says little."""
    return tuple(one for one in result.trips if one.until is None)


def end_tables(outcome: Outcome) -> tuple[Table, ...]:
    """Return the first and the last trades, and what is still open."""
    rounds = outcome.rounds
    first = Table("First trades", _TRADE_COLUMNS, _trade_rows(rounds[:_ENDS]), "no trade was closed")
    last = Table("Last trades", _TRADE_COLUMNS, _trade_rows(rounds[-_ENDS:]), "no trade was closed")
    return (first, last, _open_table(outcome.result))


_TRADE_COLUMNS = ("instrument", "strategy", "side", "opened", "closed", "entry", "exit", "profit", "R", "exit reason")


def _trade_rows(rounds: Iterable[ClosedRound]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(
        (
            Cell(one.instrument),
            Cell(one.strategy),
            Cell(side_name(one.side)),
            Cell(_minute(one.opened_at)),
            Cell(_minute(one.closed_at)),
            Cell(f"{one.entry_price:.7g}", one.entry_price),
            Cell(f"{one.exit_price:.7g}", one.exit_price),
            _figure(one.profit, ",.2f"),
            _figure(one.profit / one.risk if one.risk else None, "+.2f"),
            Cell(one.exit_reason),
        )
        for one in rounds
    )


def _open_table(result: BacktestResult) -> Table:
    rows = []
    for name, holding in sorted(result.open.items()):
        one = holding.position
        price, stop = float(one.cost / one.quantity), one.barriers.stop
        words = (name, one.strategy, side_name(one.side), _minute(one.opened_at))
        figures = (
            Cell(f"{abs(one.quantity):f}", 0),
            Cell(f"{price:.7g}", price),
            Cell("none" if stop is None else f"{stop:f}", 0),
        )
        rows.append((*map(Cell, words), *figures))
    columns = ("instrument", "strategy", "side", "opened", "quantity", "entry", "stop")
    return Table("Open at the end", columns, tuple(rows), "nothing was open")


def _figure(value: float | None, form: str) -> Cell:
    return Cell("") if value is None else Cell(format(value, form), value)


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
