"""What an account has in which currency: the exchange counts dollars, whatever they are called.

A dollar and a USDC are worth the same, so that the exchange's cash is the sum of both; what was spent on coins is in
their cost.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from desk.model.instrument import Side
from simulator.account import Account
from simulator.dialects.coinbase.brackets import listed
from simulator.dialects.coinbase.listing import COIN, DOLLAR
from simulator.dialects.coinbase.rules import TAKER
from simulator.dialects.coinbase.sent import sent_of
from simulator.records import Event, PlacedOrder


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer to convert; `amount` is in both currencies, which are worth the same."""

    id: str
    source: str
    target: str
    amount: Decimal
    made_at: datetime
    is_taken: bool = False


@dataclass(slots=True)
class Wallets:
    """What the books do not say: which dollars are USDC, and what may become some."""

    coins: Decimal = Decimal(0)
    read: int = 0
    offers: dict[str, Offer] = field(default_factory=dict)

    def totals(self, account: Account) -> Mapping[str, Decimal]:
        """Return everything that the account has, by currency."""
        for event in account.events[self.read :]:
            self.coins += _coins_in(account, event)
        self.read = len(account.events)
        spent = sum((position.cost for position in account.book.positions), Decimal(0))
        held = {one.instrument.partition("/")[0]: one.quantity for one in account.book.positions}
        return {DOLLAR: account.book.cash - spent - self.coins, COIN: self.coins, **held}

    def free(self, account: Account, currency: str) -> Decimal:
        """Return what no order keeps back."""
        return self.totals(account).get(currency, Decimal(0)) - holds(account).get(currency, Decimal(0))


def holds(account: Account) -> Mapping[str, Decimal]:
    """Return what working orders keep back, by currency."""
    kept: defaultdict[str, Decimal] = defaultdict(Decimal)
    for placed in listed(account):
        if placed.is_working:
            currency, amount = held_by(account, placed)
            kept[currency] += amount
    return kept


def held_by(account: Account, placed: PlacedOrder) -> tuple[str, Decimal]:
    """Return the currency and what an order keeps back of it; an order to buy also its fee."""
    sent, remaining = sent_of(account, placed), placed.order.quantity - placed.order.filled_quantity
    base = placed.intent.instrument.partition("/")[0]
    is_sale = placed.intent.side is Side.SELL
    if not placed.is_working:
        return (base if is_sale else sent.quote), Decimal(0)
    if is_sale:
        return base, remaining
    price = sent.worst or placed.intent.price or Decimal(0)
    return sent.quote, remaining * price * (1 + TAKER)


def _coins_in(account: Account, event: Event) -> Decimal:
    """What a fill brought into the wallet of USDC."""
    if event.booked is None or event.order is None or sent_of(account, event.order).quote != COIN:
        return Decimal(0)
    fill = event.booked.fill
    return -fill.side.sign * fill.quantity * fill.price - fill.fee
