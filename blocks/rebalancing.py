"""Plans how the fleet's money is shared out, from portfolio.yaml; nothing is sent."""

from blocks.account import AccountBlock, OpenAccount
from blocks.resources import resources
from blocks.treasuries import converter_of
from desk.adapters.sharing import plan_sharing
from desk.errors import DeskError
from desk.model.cycle import Mode
from desk.portfolio.actions import Conversion, Plan
from desk.portfolio.converting import Need, Purse, none_into, plan_conversion

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
    shared = await plan_sharing(fleet, resources().ledger, fleet.portfolio)
    answers = [await _look_at(one.need) for one in fleet.portfolio.conversions]
    conversions = tuple(answer for answer in answers if isinstance(answer, Conversion))
    refusals = tuple(answer for answer in answers if isinstance(answer, str))
    return Plan((*shared.actions, *conversions), (*shared.notes, *refusals))


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
