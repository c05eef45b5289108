"""Plans the conversion into a currency that an account needs and lacks, above all between stablecoins."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from desk.model.books import Quote
from desk.model.instrument import Instrument
from desk.portfolio.actions import Conversion

_CENT = Decimal("0.01")
_KEPT = Decimal("0.01")
"""The fraction of what is given that stays, for the fee and a price that moves."""


@dataclass(frozen=True, slots=True)
class Need:
    """A currency that an account should have.

    Attributes:
        instrument: where it is bought; the currency is its base.
        below: from where on it is missing, in the currency.
        up_to: how much there should be then, more than `below`.
        maximum: of one conversion, in the currency.
    """

    account: str
    currency: str
    instrument: str
    below: Decimal
    up_to: Decimal
    maximum: Decimal


@dataclass(frozen=True, slots=True)
class Purse:
    """What is known of an account that has a need.

    Attributes:
        balances: by currency; empty where the venue does not tell.
        instrument, quote: of the need; None where they are not known.
        converts: whether the venue converts what it is paid with into it, one to one and without an order.
    """

    balances: Mapping[str, Decimal]
    instrument: Instrument | None
    quote: Quote | None
    converts: bool = False


def plan_conversion(need: Need, purse: Purse) -> Conversion | str | None:
    """Return the conversion, or why there is none though the currency is missing, or None where there is enough."""
    instrument, quote = purse.instrument, purse.quote
    if not purse.balances:
        return none_into(need, "the venue does not tell its balances")
    held = purse.balances.get(need.currency, Decimal(0))
    if held >= need.below:
        return None
    why = f"{need.account} has {held:f} {need.currency}, less than {need.below:f}; wanted {need.up_to:f}"
    missing = min(need.up_to - held, need.maximum)
    payer = need.instrument.partition("/")[2]
    given = purse.balances.get(payer, Decimal(0)) * (1 - _KEPT)
    if purse.converts:
        quantity = min(missing, given).quantize(_CENT, ROUND_DOWN)
        if quantity <= 0:
            return none_into(need, f"there is no {payer} to convert")
        return Conversion(need.account, need.currency, need.instrument, quantity, why)
    if instrument is None or quote is None or not quote.tradable or quote.ask <= 0:
        return none_into(need, f"there is no market in {need.instrument} now")
    quantity = instrument.round_quantity(max(Decimal(0), min(missing, given / quote.ask)))
    if quantity < instrument.minimum_quantity or quantity <= 0 or quantity * quote.ask < instrument.minimum_notional:
        return none_into(
            need, f"what can be converted, {quantity:f} {instrument.base}, is below the venue's smallest order"
        )
    return Conversion(need.account, need.currency, need.instrument, quantity, why)


def none_into(need: Need, why: str) -> str:
    """Return in words that no conversion is proposed."""
    return f"{need.account}: no conversion into {need.currency} is proposed, because {why}"
