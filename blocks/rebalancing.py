"""Plans how the fleet's money is shared out, from portfolio.yaml; nothing is sent."""

from collections.abc import Collection
from datetime import timedelta
from decimal import Decimal

from blocks.account import AccountBlock, OpenAccount
from blocks.resources import resources
from blocks.treasuries import converter_of
from desk.accounts import AccountSpec, Fleet
from desk.accounts.portfolio import PortfolioFile
from desk.adapters.feeds.presents import clock_of
from desk.errors import DeskError
from desk.model.cycle import Mode
from desk.portfolio.actions import Conversion, Plan
from desk.portfolio.converting import Need, Purse, none_into, plan_conversion
from desk.portfolio.sharing import Holding, share_out
from desk.steps.rebalance import equities_of, rates_of
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


async def _share_out(fleet: Fleet, portfolio: PortfolioFile) -> Plan:
    specs = [fleet.account(name) for name in portfolio.targets]
    if not specs:
        return Plan()
    at, company = clock_of(fleet.feed_of(specs[0].name)).now(), _company_of(fleet, specs)
    equities = equities_of(company, await resources().ledger.standings(company.seats.keys(), at), at)
    seen = {spec.name: await resources().ledger.last_valued_at(spec.name, at) for spec in specs}
    fresh = {name for name, seen_at in seen.items() if seen_at is not None and at - seen_at <= _KNOWN_FOR}
    holdings = {
        spec.name: Holding(equities.get(spec.name) if spec.name in fresh else None, spec.allocation, _place(spec))
        for spec in specs
    }
    return share_out(portfolio.shares, holdings, portfolio.limits, currency=fleet.currency)


async def rates_now(fleet: Fleet, specs: Collection[AccountSpec]) -> dict[str, Decimal]:
    """Return what one unit of each currency is worth in the fleet's, as far as these accounts know it."""
    at, company = clock_of(fleet.feed_of(next(iter(specs)).name)).now(), _company_of(fleet, specs)
    return rates_of(company, await resources().ledger.standings(company.seats.keys(), at), at)


def _company_of(fleet: Fleet, specs: Collection[AccountSpec]) -> Company:
    return Company({spec.name: Seat(spec.venue, spec.currency) for spec in specs}, fleet.currency, fleet.rates)


def _place(spec: AccountSpec) -> str:
    return f"{spec.venue} {spec.connection or ''}"


async def _look_at(need: Need) -> Conversion | str | None:
    """Plan a conversion; a venue that does not answer must not keep the others from being planned."""
    if resources().fleet().account(need.account).mode is Mode.DRY_RUN:
        return none_into(need, "the account only decides (dry_run)")
    try:
        return plan_conversion(need, await _purse(need, AccountBlock(name=need.account).open(run="portfolio")))
    except DeskError as error:
        return none_into(need, str(error))


async def _purse(need: Need, account: OpenAccount) -> Purse:
    now = account.clock.now()
    money, instruments = await account.trading.account(), await account.feed.instruments()
    known = need.instrument in instruments
    quotes = await account.feed.quotes([need.instrument], at=now) if known else {}
    converts = not isinstance(converter_of(account.spec, need.instrument), str)
    return Purse(money.balances, instruments.get(need.instrument), quotes.get(need.instrument), converts)
