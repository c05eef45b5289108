"""Answers that show what is and what was, and change nothing; each is a list of lines."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from console.failures import NotUnderstood
from console.services.cycles import Question, Why, in_short, look_up, nothing, with_meanings
from console.services.figures import words_for
from console.services.health.components import Component, Health
from console.services.health.survey import Survey
from console.services.holdings import figures_of, positions, trade_page
from console.services.logs import LogQuestion, newest_lines, newest_lines_about, text_of
from console.services.messages import newest_messages
from console.services.opening import FleetFiles, OpenDesk
from console.services.paging import Turn
from console.services.results import Period, PeriodResult, by_period, closed_trades_of
from console.services.risk import AccountRisk, LimitUse, fleet_risk
from console.services.standings import Standing, fleet_standing
from console.services.telling import instruments_of, meaning, tell_trade, tell_verdict
from console.telegram.texts import bold, code, money, plain
from console.telegram.words import Words, names_of
from console.times import format_age, format_minute
from desk.adapters.logs.reading import LogEntry
from desk.adapters.settings import Settings
from desk.model.records import ClosedTrade
from desk.model.scopes import ALL
from desk.monitor.performance import Grouping, grouped, performance_of
from desk.steps.report import prices_of

_DAYS, _MOST_DAYS, _NEWEST, _NEWEST_LINES, _MOST_NEWEST = 7, 60, 5, 10, 50
_LONGEST_LINE = 300
"""Characters of a line of the log that are shown."""
_SIGNS = {Health.FAILING: "🔴", Health.WARNING: "🟡", Health.UNKNOWN: "❔", Health.OK: "🟢", Health.NOT_THERE: "⚪"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, with what is needed to answer it."""

    desk: OpenDesk
    files: FleetFiles
    chosen: Settings
    survey: Survey
    words: Words
    now: datetime

    @property
    def names(self) -> tuple[str, ...]:
        """The accounts that it is about.

        Raises:
            NotUnderstood: nothing has that name.
        """
        return names_of(self.desk.fleet, self.words.about)

    @property
    def one(self) -> str:
        """The account that it is about, where it must be one.

        Raises:
            NotUnderstood: it is about several, or none that there is.
        """
        if len(names := self.names) != 1:
            raise NotUnderstood(f"expected one account, such as /{self.words.command} @{names[0]}")
        return names[0]

    @property
    def is_of_one(self) -> bool:
        """Whether it is about one account, of which that there is nothing is an answer, too."""
        return self.words.about in self.desk.fleet.accounts

    def number(self, usual: int, most: int) -> int:
        """Return the number that was typed.

        Raises:
            NotUnderstood: something else was.
        """
        if not self.words.rest:
            return usual
        if not self.words.rest.isdecimal() or not 0 < int(self.words.rest) <= most:
            raise NotUnderstood(f"expected a number from 1 to {most}, found '{self.words.rest}'")
        return int(self.words.rest)

    def currency(self, name: str) -> str:
        """Return what the money of an account is counted in."""
        return self.desk.fleet.account(name).currency


@dataclass(frozen=True, slots=True)
class Look:
    """Something that whoever may read can ask; `meaning` is for the help."""

    meaning: str
    answer: Callable[[Asked], Awaitable[list[str]]]


async def status(asked: Asked) -> list[str]:
    """Each account in two lines: its last scan, and its money."""
    found = await _standings(asked)
    return [line for one in found for line in _status(one)]


async def accounts(asked: Asked) -> list[str]:
    """What is traded by which account, where and by what."""
    lines = []
    for name in asked.names:
        spec = asked.desk.fleet.account(name)
        mode = spec.mode if spec.active else f"{spec.mode}, off"
        group = f" · {plain(spec.group)}" if spec.group else ""
        strategies = ", ".join(strategy.name for strategy in spec.strategies)
        lines += [
            f"{bold(name)} · {plain(str(spec.venue))} · {plain(mode)}{group}",
            plain(f"{spec.timeframe} {strategies}"),
        ]
    return lines


async def profit(asked: Asked) -> list[str]:
    """What closed trades brought, of each account that has any and for each currency."""
    closed = await closed_trades_of(asked.desk, asked.names)
    totals: dict[str, Decimal] = {}
    lines = []
    for name, trades in closed.items():
        currency, brought = asked.currency(name), _sum(trades)
        totals[currency] = totals.get(currency, Decimal(0)) + brought
        if trades or asked.is_of_one:
            lines.append(f"{bold(name)} {money(brought, currency, signed=True)}, {_counted(trades)}")
    return [*lines, *(f"Together {money(total, currency, signed=True)}" for currency, total in totals.items())]


async def balance(asked: Asked) -> list[str]:
    """What accounts own and hold, as far as that was ever written down."""
    lines = []
    for one in await _standings(asked):
        facts = one.facts
        if facts.equity is not None or asked.is_of_one:
            lines.append(f"{bold(facts.account)} {money(facts.equity, facts.currency)}")
        found = await positions(asked.desk, facts.account)
        prices = words_for(asked.desk.fleet, figures_of(facts.account, found)).prices
        for held in found:
            at = prices.tell(held.position.instrument, held.average_price)
            lines.append(plain(f"  {held.position.quantity:+f} {held.position.instrument} at {at}"))
    return lines or ["No account was ever valued."]


async def trades(asked: Asked) -> list[str]:
    """The newest trades of each account, the open ones among them."""
    turn, lines = Turn(limit=asked.number(_NEWEST, _MOST_NEWEST)), []
    for name in asked.names:
        if rows := (await trade_page(asked.desk, name, turn)).rows:
            prices = words_for(asked.desk.fleet, figures_of(name, trades=rows)).prices
            lines += [bold(name), *(plain(f"{trade.instrument}: {tell_trade(trade, prices)}") for trade in rows)]
    return lines or ["No trades yet."]


async def performance(asked: Asked) -> list[str]:
    """What closed trades came to, by instrument."""
    lines = []
    for name, closed in (await closed_trades_of(asked.desk, asked.names)).items():
        groups = grouped(closed, Grouping.INSTRUMENT)
        lines += [bold(name)] if groups else []
        for instrument, group in groups.items():
            done = performance_of(group)
            brought = money(done.profit, asked.currency(name), signed=True)
            lines.append(f"{plain(instrument)} {brought}, {done.wins} of {done.trades} won")
    return lines or ["No closed trades yet."]


async def daily(asked: Asked) -> list[str]:
    """What closed trades brought on each of the last days in UTC, by currency."""
    days, together = asked.number(_DAYS, _MOST_DAYS), dict[str, list[ClosedTrade]]()
    for name, closed in (await closed_trades_of(asked.desk, asked.names)).items():
        together.setdefault(asked.currency(name), []).extend(closed)
    lines = []
    for currency, closed in together.items():
        lines.append(bold(asked.words.about or ALL))
        lines += [_day(one, currency) for one in by_period(closed, Period.DAY, today=asked.now.date(), count=days)]
    return lines


async def risk(asked: Asked) -> list[str]:
    """What is halted or reduced, then of each account what is exposed, and how much of its breaker's limits is used."""
    names, found = asked.names, await fleet_risk(asked.desk, asked.now)
    lines = [f"{bold(one.scope)} {plain(f'{one.state} by {one.who}: {one.why}'.rstrip(': '))}" for one in found.states]
    for one in found.accounts:
        if one.account in names and (one.equity is not None or asked.is_of_one):
            lines += [f"{bold(one.account)} {_exposed(one)}", *(_used(limit) for limit in one.limits)]
    return lines or ["Nothing is halted, and no account was ever valued."]


async def why(asked: Asked) -> list[str]:
    """What the newest cycle of an account decided and why; of one instrument where one was typed."""
    question = Question(asked.one, asked.words.rest.upper() or None)
    found = await look_up(asked.desk.ledger, question)
    if found.explanation is None:
        raise nothing(question, found, asked.desk.fleet)
    explained = with_meanings(found.explanation)
    return [_cycle_line(explained), *_told(explained)]


async def cycle(asked: Asked) -> list[str]:
    """How the newest cycle of an account went, task by task."""
    question = Question(asked.one)
    found = await look_up(asked.desk.ledger, question)
    if found.explanation is None:
        raise nothing(question, found, asked.desk.fleet)
    explained = with_meanings(found.explanation)
    took = [plain(f"{task} {seconds:.2f} s") for task, seconds in explained.summary.durations.items()]
    run = explained.summary.flow_run_id
    return [_cycle_line(explained), *took, *([f"run {code(run)}"] if run else [])]


async def health(asked: Asked) -> list[str]:
    """How each part of the desk is, the worst first, and below each what in it is not well."""
    found = await asked.survey.look(asked.desk.ledger)
    return [line for one in _worst_first(found.components) for line in _part(one)]


async def logs(asked: Asked) -> list[str]:
    """The newest lines of the log, those about accounts where some were named."""
    limit = asked.number(_NEWEST_LINES, _MOST_NEWEST)
    if asked.words.about in ("", ALL):
        found = await newest_lines(asked.chosen, LogQuestion(), limit=limit)
    else:
        found = await newest_lines_about(asked.chosen, asked.names, limit=limit)
    return [_line(entry) for entry in reversed(found)] or ["Nothing was logged of that."]


async def messages(asked: Asked) -> list[str]:
    """The newest messages of the desk."""
    found = await newest_messages(asked.desk.ledger, limit=asked.number(_NEWEST, _MOST_NEWEST))
    lines = []
    for told in reversed(found):
        lines += [f"{format_minute(told.at)} {bold(told.title)}", *map(plain, told.body.splitlines())]
    return lines or ["Nobody was told anything yet."]


LOOKS: Mapping[str, Look] = {
    "status": Look("every account: last scan, money, what is wrong", status),
    "accounts": Look("what each account trades, and where", accounts),
    "profit": Look("what closed trades brought", profit),
    "balance": Look("equity, and what is held", balance),
    "trades": Look("the newest trades; a number behind it for more", trades),
    "performance": Look("closed trades by instrument", performance),
    "daily": Look("profit by day; a number behind it for more days", daily),
    "risk": Look("what is halted, what is exposed, how much of the limits is used", risk),
    "why": Look("why an account did or did not trade; an instrument behind it for that alone", why),
    "cycle": Look("the newest cycle of an account, task by task", cycle),
    "logs": Look("the newest lines of the log, of all or of an account; a number behind it for more", logs),
    "messages": Look("what the desk has told, the newest first; a number behind it for more", messages),
    "health": Look("how each part of the desk is, the worst first", health),
}
"""What may be asked by whoever may read, by its command."""


async def _standings(asked: Asked) -> Sequence[Standing]:
    names = asked.names
    return [one for one in (await fleet_standing(asked.desk)).accounts if one.spec.name in names]


def _status(one: Standing) -> Iterator[str]:
    sign = "🔴" if not one.is_well else "🟡" if one.wrong else "🟢" if one.spec.active else "⚪"
    scanned = "never scanned" if one.cycle is None or one.age is None else f"{one.cycle.state} {format_age(one.age)}"
    yield f"{sign} {bold(one.spec.name)} {plain(scanned)}"
    facts = one.facts
    if facts.equity is not None:
        today = f"today {money(facts.day_profit, facts.currency, signed=True)}"
        yield f"{money(facts.equity, facts.currency)}, {today}, {_opened(one)}"
    if one.troubles:
        yield plain(one.troubles)


def _worst_first(parts: Sequence[Component]) -> list[Component]:
    return sorted(parts, key=lambda part: -part.health.severity)


def _part(one: Component) -> Iterator[str]:
    since = f" since {format_minute(one.since)}" if one.since and one.health.severity else ""
    yield f"{_SIGNS[one.health]} {bold(one.name)}{since}: {plain(one.message)}"
    for part in _worst_first(one.parts):
        if part.health.severity:
            yield f"  {_SIGNS[part.health]} {bold(part.name)} {plain(part.message)}"


def _line(entry: LogEntry) -> str:
    about = f"{bold(entry.account)} " if entry.account else ""
    # Of a traceback the last line says what it was.
    failed = str(entry.facts.get("exception", "")).rstrip().rpartition("\n")[2]
    told = " ".join(f"{text_of(entry)}{failed and f': {failed}'}".split())
    shown = told if len(told) <= _LONGEST_LINE else f"{told[:_LONGEST_LINE]} …"
    return f"{entry.at:%m-%d %H:%M:%S} {plain(entry.level)} {about}{plain(shown)}"


def _exposed(one: AccountRisk) -> str:
    unvalued = f", and {plain(', '.join(one.unvalued))} without a price" if one.unvalued else ""
    return f"exposed {money(one.gross, one.currency)} of {money(one.equity, one.currency)}{unvalued}"


def _used(limit: LimitUse) -> str:
    tripped = " 🔴" if limit.fraction >= 1 else ""
    return f"  {plain(limit.limit)} {limit.used:.4g} of {limit.allowed:.4g}{tripped}"


def _opened(one: Standing) -> str:
    count = one.facts.open_positions
    return f"{count} open" if count else "flat"


def _counted(closed: Sequence[ClosedTrade]) -> str:
    won = sum(trade.profit > 0 for trade in closed)
    return f"{won} of {len(closed)} won" if closed else "no closed trades"


def _day(one: PeriodResult, currency: str) -> str:
    return f"{one.first_day:%m-%d} {money(one.profit, currency, signed=True)}, {one.trades} closed"


def _sum(closed: Sequence[ClosedTrade]) -> Decimal:
    return sum((trade.profit for trade in closed), Decimal(0))


def _cycle_line(explained: Why) -> str:
    return f"{bold(explained.record.key.account)} {plain(in_short(explained.summary))}"


def _told(explained: Why) -> Iterator[str]:
    decision = explained.record.decision
    for instrument in instruments_of(explained.record):
        yield bold(instrument)
        for signal in decision.signals:
            if signal.instrument == instrument:
                yield plain(f"{signal.strategy} {signal.score:+.2f}: {signal.reason}")
        for passed in decision.no_trades:
            if passed.instrument == instrument:
                yield plain(f"no trade: {meaning(passed.reason)}")
        for verdict in decision.verdicts:
            if verdict.proposal.instrument == instrument:
                yield plain("; ".join((tell_verdict(verdict), *(meaning(reason) for reason in verdict.reasons))))
    prices = prices_of(explained.record, explained.fills, explained.trades)
    for trade in explained.trades:
        yield plain(f"{trade.instrument}: {tell_trade(trade, prices)}")
