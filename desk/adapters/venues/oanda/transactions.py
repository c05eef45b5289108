"""The account's own record, read on from where it was left: the call that reconciliation rests on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from desk.adapters.venues.oanda.api import OandaApi
from desk.adapters.venues.oanda.errors import VENUE
from desk.adapters.venues.oanda.poll import AccountPoll
from desk.adapters.venues.oanda.reading import fill_of
from desk.adapters.venues.oanda.wire.transactions import ChangesReply, TransactionsReply, WireTransaction
from desk.errors import VenueUnavailable
from desk.model.orders import Fill

FIRST = 1
"""The id of the transaction that made the account: what comes after it is everything that was ever traded."""

_LONGEST_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One transaction of an account.

    Attributes:
        id: increases by one with each transaction of the account, rejected orders included.
        type, reason: in the venue's words.
        balance: after it; None where it does not touch the balance.
        fill: where something was traded; its fee has the financing in it.
        financing: in account currency, above 0 was received.
        half_spread_cost: in account currency; it is in the price already, not taken from the balance once more.
    """

    id: int
    at: datetime
    type: str
    reason: str
    balance: Decimal | None
    financing: Decimal
    half_spread_cost: Decimal
    fill: Fill | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed in an account since a transaction, and what depends on prices now.

    Attributes:
        last_id: from where to ask next.
        equity, unrealised_profit, margin_used, margin_available: in account currency.
        orders_created, orders_filled, orders_cancelled, trades_opened, trades_reduced, trades_closed: venue ids.
    """

    last_id: int
    entries: tuple[LedgerEntry, ...]
    equity: Decimal
    unrealised_profit: Decimal
    margin_used: Decimal
    margin_available: Decimal
    orders_created: tuple[str, ...]
    orders_filled: tuple[str, ...]
    orders_cancelled: tuple[str, ...]
    trades_opened: tuple[str, ...]
    trades_reduced: tuple[str, ...]
    trades_closed: tuple[str, ...]


class OandaTransactions:
    """Reads transactions whole: ids have no gaps, so that a page which leaves one out is found out."""

    def __init__(self, api: OandaApi, poll: AccountPoll) -> None:
        self._api = api
        self._poll = poll

    async def since(self, last_id: int) -> tuple[tuple[LedgerEntry, ...], int]:
        """Return what happened after a transaction, oldest first, and the newest id there is."""
        currency = await self._poll.currency()
        found, last = await self.read_since(last_id)
        return tuple(entry_of(one, currency) for one in found), last

    async def changes_since(self, last_id: int) -> Changes:
        """Return what changed after a transaction, in one call."""
        currency = await self._poll.currency()
        reply = await self._api.read(ChangesReply, "/changes", f"changes since {last_id}", sinceTransactionID=last_id)
        return _changes(reply, currency)

    async def read_since(self, last_id: int) -> tuple[Sequence[WireTransaction], int]:
        """Return transactions as they are on the wire, oldest first and each once, and the newest id there is.

        Raises:
            VenueUnavailable: a page did not arrive, or OANDA does not show yet what it says there is.
        """
        found: dict[int, WireTransaction] = {}
        while True:
            page = await self._api.read(
                TransactionsReply, "/transactions/sinceid", f"transactions since {last_id}", id=last_id
            )
            fresh = {one.id: one for one in page.transactions if one.id > last_id}
            end = max(fresh, default=min(page.last_transaction_id, last_id + _LONGEST_PAGE))
            fresh |= await self._missing(last_id, end, fresh)
            if end > last_id and end not in fresh:
                told = f"expected transactions up to {page.last_transaction_id}, found them up to {last_id}"
                raise VenueUnavailable(VENUE, f"transactions since {last_id}", "STALE", told)
            found |= fresh
            last_id = max(last_id, end)
            if last_id >= page.last_transaction_id:
                return [found[one] for one in sorted(found)], last_id

    async def _missing(self, after: int, end: int, found: dict[int, WireTransaction]) -> dict[int, WireTransaction]:
        """Ask by number for what a page left out; what is older than the newest and not there then does not exist."""
        missing = [one for one in range(after + 1, end + 1) if one not in found]
        if not missing:
            return {}
        first, last = missing[0], missing[-1]
        path, name = "/transactions/idrange", f"transactions {first} to {last}"
        page = await self._api.read(TransactionsReply, path, name, **{"from": first, "to": last})
        return {one.id: one for one in page.transactions if one.id in missing}


def entry_of(transaction: WireTransaction, currency: str) -> LedgerEntry:
    """Return a transaction of any type."""
    return LedgerEntry(
        id=transaction.id,
        at=transaction.time,
        type=transaction.type,
        reason=transaction.reason,
        balance=transaction.account_balance,
        financing=transaction.financing,
        half_spread_cost=transaction.half_spread_cost,
        fill=fill_of(transaction, currency) if transaction.is_fill else None,
    )


def _changes(reply: ChangesReply, currency: str) -> Changes:
    changes, state = reply.changes, reply.state
    return Changes(
        last_id=reply.last_transaction_id,
        entries=tuple(entry_of(one, currency) for one in sorted(changes.transactions, key=lambda one: one.id)),
        equity=state.nav,
        unrealised_profit=state.unrealized_pl,
        margin_used=state.margin_used,
        margin_available=state.margin_available,
        orders_created=tuple(order.id for order in changes.orders_created),
        orders_filled=tuple(order.id for order in changes.orders_filled),
        orders_cancelled=tuple(order.id for order in changes.orders_cancelled),
        trades_opened=tuple(trade.id for trade in changes.trades_opened),
        trades_reduced=tuple(trade.id for trade in changes.trades_reduced),
        trades_closed=tuple(trade.id for trade in changes.trades_closed),
    )
