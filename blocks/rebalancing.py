"""Plans how the fleet's money is shared out, from portfolio.yaml, and carries out the conversions of the plan."""

from datetime import timedelta

from blocks.account import AccountBlock, OpenAccount
from blocks.resources import resources
from desk.accounts import AccountSpec, Fleet
from desk.accounts.portfolio import PortfolioFile
from desk.adapters.feeds.presents import clock_of
from desk.errors import DeskError
from desk.execution.placing import resolve_orders
from desk.model.cycle import Mode
from desk.model.orders import Order
from desk.portfolio.actions import Conversion, Plan
from desk.portfolio.converting import Need, Purse, plan_conversion
from desk.portfolio.sharing import Holding, share_out
from desk.steps.rebalance import REBALANCE, conversion_order, convert, day_of, equities_of
from desk.steps.repair import repair_books, sync_fills
from desk.steps.surroundings import Company, Seat

_KNOWN_FOR = timedelta(hours=24)
"""How long the equity of an account counts as known; a weekend's does not."""

_NO_FILE = "there is no portfolio.yaml beside accounts.yaml"


async def plan_portfolio() -> Plan:
    """Return what would bring the fleet's money nearer to where portfolio.yaml wants it; nothing is done.

    Raises:
        ConfigError: the configuration cannot be used.
        LedgerError: the ledger cannot be read.
    """
    fleet = resources().fleet()
    if fleet.portfolio is None:
        return Plan(notes=(_NO_FILE,))
    shared = await _share_out(fleet, fleet.portfolio)
    answers = [await _look_at(one.need) for one in fleet.portfolio.conversions]
    conversions = tuple(answer for answer in answers if isinstance(answer, Conversion))
    refusals = tuple(answer for answer in answers if isinstance(answer, str))
    return Plan((*shared.actions, *conversions), (*shared.notes, *refusals))


async def convert_as_needed(*, who: str, run: str) -> tuple[Order | str, ...]:
    """Carry out the conversions that are needed now, each account under its lease, and return what became of each.

    Args:
        who: the person who wants it, for the audit.
        run: names this run in the lease.

    Raises:
        ConfigError: the configuration cannot be used.
        LedgerError: what is done cannot be written down.
    """
    portfolio = resources().fleet().portfolio
    needs = [] if portfolio is None else [one.need for one in portfolio.conversions]
    answers = [await _convert(need, who=who, run=run) for need in needs]
    return tuple(answer for answer in answers if answer is not None)


async def _share_out(fleet: Fleet, portfolio: PortfolioFile) -> Plan:
    specs = [fleet.account(name) for name in portfolio.targets]
    if not specs:
        return Plan()
    at = clock_of(fleet.feed_of(specs[0].name)).now()
    company = Company({spec.name: Seat(spec.venue, spec.currency) for spec in specs}, fleet.currency, fleet.rates)
    equities = equities_of(company, await resources().ledger.standings(company.seats.keys(), at), at)
    seen = {spec.name: await resources().ledger.last_valued_at(spec.name, at) for spec in specs}
    fresh = {name for name, seen_at in seen.items() if seen_at is not None and at - seen_at <= _KNOWN_FOR}
    holdings = {
        spec.name: Holding(equities.get(spec.name) if spec.name in fresh else None, spec.allocation, _place(spec))
        for spec in specs
    }
    return share_out(portfolio.shares, holdings, portfolio.limits, currency=fleet.currency)


def _place(spec: AccountSpec) -> str:
    return f"{spec.venue} {spec.connection or ''}"


async def _look_at(need: Need) -> Conversion | str | None:
    """Plan a conversion; a venue that does not answer must not keep the others from being planned."""
    try:
        account = _open(need, run="portfolio")
        return account if isinstance(account, str) else plan_conversion(need, await _purse(need, account))
    except DeskError as error:
        return f"{need.account}: no {need.currency} is bought, because {error}"


async def _convert(need: Need, *, who: str, run: str) -> Order | str | None:
    try:
        account = _open(need, run=run)
        if isinstance(account, str):
            return account
        async with account.held() as is_held:
            return await _convert_held(need, account, who) if is_held else f"{need.account}: another run holds it"
    except DeskError as error:
        return f"{need.account}: no {need.currency} is bought, because {error}"


async def _convert_held(need: Need, account: OpenAccount, who: str) -> Order | str | None:
    """Settle what is under way, look anew, write down who wants it, and send the order."""
    ledger, now = account.ledger, account.clock.now()
    await repair_books(
        need.account,
        account.key.candle_close,
        desk=account.order_desk,
        books=ledger,
        notifier=account.notifier,
        now=now,
    )
    unresolved = [one for one in await ledger.unresolved_orders(need.account) if one.instrument == need.instrument]
    settled = await resolve_orders(unresolved, account.order_desk)
    if open_still := [one.client_order_id for one in settled if one.state.is_unresolved]:
        return f"{need.account}: no {need.currency} is bought, because order {open_still[0]} has no known outcome"
    purse = await _purse(need, account)
    planned = plan_conversion(need, purse)
    if not isinstance(planned, Conversion):
        return planned
    intent = conversion_order(planned, day=day_of(now), number=purse.done_today + 1)
    detail = {"what": str(planned), "why": planned.why, "order": intent.client_order_id}
    await ledger.record_action(who, "convert", f"account:{need.account}", detail)
    order = await convert(intent, account.order_desk)
    await sync_fills(need.account, trading=account.trading, books=ledger, now=account.clock.now())
    return order


def _open(need: Need, *, run: str) -> OpenAccount | str:
    if resources().fleet().account(need.account).mode is Mode.DRY_RUN:
        return f"{need.account}: no {need.currency} is bought, because it only decides (dry_run)"
    return AccountBlock(name=need.account).open(run=run)


async def _purse(need: Need, account: OpenAccount) -> Purse:
    now = account.clock.now()
    money, instruments = await account.trading.account(), await account.feed.instruments()
    known = need.instrument in instruments
    quotes = await account.feed.quotes([need.instrument], at=now) if known else {}
    orders = await account.ledger.orders(need.account, since=day_of(now))
    tried = [one for one in orders if one.intent.strategy == REBALANCE and one.intent.instrument == need.instrument]
    return Purse(money.balances, instruments.get(need.instrument), quotes.get(need.instrument), len(tried))
