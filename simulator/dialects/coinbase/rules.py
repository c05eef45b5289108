"""What Coinbase does with orders, its spelling, and its words for what goes wrong."""

from datetime import UTC, datetime
from decimal import Decimal
from zlib import crc32

from desk.matching.fees import FeeSchedule
from desk.model.instrument import InstrumentKind
from simulator.account import Account
from simulator.dialects.base import Refused
from simulator.dialects.coinbase.keys import made_up_keys
from simulator.reasons import Reason
from simulator.venue import IdRule, Venue

VENUE = Venue(
    name="coinbase",
    kinds=frozenset({InstrumentKind.SPOT}),
    quotes=frozenset({"USD"}),
    currency="USD",
    account="coinbase-1",
    secrets=made_up_keys(),
    id_rule=IdRule.IDEMPOTENT,
    fees=FeeSchedule(maker_bps=Decimal(40), taker_bps=Decimal(60)),
)
TAKER = VENUE.fees.taker_bps / 10_000

UNSAID = "UNKNOWN_FAILURE_REASON"
_REASONS = {
    Reason.NO_PRICE: ("INVALID_NO_LIQUIDITY", ""),
    Reason.NO_RATE: ("INVALID_NO_LIQUIDITY", ""),
    Reason.CLOSED: ("ORDER_ENTRY_DISABLED", ""),
    Reason.OFF_THE_LOT: ("INVALID_SIZE_PRECISION", "PREVIEW_INVALID_SIZE_PRECISION"),
    Reason.OFF_THE_TICK: ("INVALID_PRICE_PRECISION", "PREVIEW_INVALID_PRICE_PRECISION"),
    Reason.TOO_SMALL: (UNSAID, "PREVIEW_INVALID_BASE_SIZE_TOO_SMALL"),
    Reason.TOO_LITTLE_VALUE: (UNSAID, "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL"),
    Reason.STOP_MISPLACED: (UNSAID, "PREVIEW_INVALID_ATTACHED_STOP_LOSS_PRICE"),
    Reason.TARGET_MISPLACED: (UNSAID, "PREVIEW_INVALID_ATTACHED_TAKE_PROFIT_PRICE"),
    Reason.FUNDS: ("INSUFFICIENT_FUND", "PREVIEW_INSUFFICIENT_FUND"),
    Reason.HOLDINGS: ("INSUFFICIENT_FUND", "PREVIEW_INSUFFICIENT_FUND"),
    Reason.WOULD_TAKE: ("INVALID_LIMIT_PRICE_POST_ONLY", "PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY"),
}


class Rejected(Exception):
    """An order that is refused inside HTTP 200.

    Attributes:
        word: why, as of a new order.
        preview_word: why, as of a preview; empty where that has no word of its own.
    """

    def __init__(self, word: str, preview_word: str = "") -> None:
        super().__init__(word, preview_word)
        self.word = word
        self.preview_word = preview_word

    @classmethod
    def because(cls, reason: Reason) -> "Rejected":
        """Translate what the exchange says."""
        return cls(*_REASONS[reason])

    @classmethod
    def in_preview(cls, word: str) -> "Rejected":
        """Give only the preview's word, as the venue does for most of what it checks."""
        return cls(UNSAID, word)


def wrong(status: int, word: str, message: str) -> Refused:
    """Return the refusal of a request, in the words of gRPC."""
    return Refused(status, {"error": word, "error_details": message, "message": message})


def invalid(message: str) -> Refused:
    """Return the refusal of a request that is not well formed."""
    return wrong(400, "INVALID_ARGUMENT", message)


def not_found(what: str) -> Refused:
    """Return the refusal of a question about something that is not there."""
    return wrong(404, "NOT_FOUND", f"{what} was not found")


def order_id(account: Account, number: int) -> str:
    """Return the venue's id of an order."""
    return _named(account, 0, number)


def entry_id(account: Account, number: int) -> str:
    """Return the id of a fill's entry in the books."""
    return _named(account, 1, number)


def trade_id(account: Account, number: int) -> str:
    """Return the id of a fill's trade."""
    return _named(account, 2, number)


def offer_id(account: Account, number: int) -> str:
    """Return the id of an offer to convert."""
    return _named(account, 3, number)


def wallet_id(account: Account, currency: str) -> str:
    """Return the id of a wallet."""
    return _named(account, 4, crc32(currency.encode()))


def portfolio_id(account: Account) -> str:
    """Return the id of the account's one portfolio."""
    return _named(account, 5, 1)


def number_of(account: Account, text: str) -> int | None:
    """Return the number behind an order's id, None where the account has no such id."""
    tail = text.rpartition("-")[2]
    number = int(tail, 16) if tail and all(digit in "0123456789abcdef" for digit in tail) else 0
    return number if text == order_id(account, number) else None


def _named(account: Account, kind: int, number: int) -> str:
    return f"{crc32(account.name.encode()):08x}-{kind:04x}-4000-8000-{number:012x}"


def stamp(at: datetime) -> str:
    """Return a time as Coinbase tells it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def text(amount: Decimal) -> str:
    """Return a number without an exponent and without needless zeros."""
    return f"{amount.normalize():f}" if amount else "0"
