"""The errors of the desk, grouped by what we do about them.

DeskError
├── ConfigError              stop at start-up; names file, line, key and the nearest valid name
├── HalfWritten              look which files are changed, and restore or change the others
├── WrittenOrNot             look which key is in force, and write it again where it is the old one
├── DataError                skip this instrument this cycle
│   ├── MalformedCandles     the data break a rule that every candle keeps
│   ├── StaleCandles         the newest closed candle is too old
│   ├── GappedCandles        too few candles, or a hole inside the look-back
│   └── MarketClosed         the venue does not trade the instrument now
├── VenueError               carries venue, request, code and message
│   ├── VenueUnavailable     retry a read later
│   │   └── RateLimited      the same, not before `retry_after`
│   ├── AccessDenied         halt this account, tell a human
│   ├── OrderRefused         never retry
│   │   ├── InsufficientFunds
│   │   └── InvalidOrder
│   ├── NotSent              send it again at once, under the same id
│   └── OutcomeUnknown       never resend; ask the venue by client order id
├── LedgerError              stop before trading: no record, no trade
│   ├── LedgerBusy           others wrote for too long, and nothing was written: try again
│   ├── LedgerUnwritable     the same until a person has mended it; what waits to be opened is taken back
│   └── LeaseLost            another run holds this account now
└── AnalystFailed            becomes an abstention
"""

from datetime import timedelta


class DeskError(Exception):
    """The root of every error that the desk raises on purpose."""


class ConfigError(DeskError):
    """What the operator wrote cannot be used; correct it and start again."""


class HalfWritten(DeskError):
    """Of a change of several files one could not be written, and another that was could not be put back."""


class WrittenOrNot(DeskError):
    """A store fell silent after a key was sent to it; nobody knows whether it has it. To write it again is safe."""


class DataError(DeskError):
    """Market data that cannot carry a decision; skip the instrument for this cycle."""


class MalformedCandles(DataError):
    """Candles that break a rule: an order of time, a price that is not finite and positive, a high below a low."""


class StaleCandles(DataError):
    """The newest closed candle is older than the decision allows."""


class GappedCandles(DataError):
    """Fewer candles than the decision needs, or a hole inside its look-back."""


class MarketClosed(DataError):
    """The venue does not trade the instrument at this time."""


class VenueError(DeskError):
    """A venue answered with an error, or did not answer.

    Attributes:
        venue: the venue's name.
        request: what was asked, without anything secret.
        code: the venue's own code, empty where it gave none.
        message: the venue's own words.
    """

    def __init__(self, venue: str, request: str, code: str = "", message: str = "") -> None:
        super().__init__(venue, request, code, message)
        self.venue = venue
        self.request = request
        self.code = code
        self.message = message

    def __str__(self) -> str:
        code = f" [{self.code}]" if self.code else ""
        return f"{self.venue}: {self.request} failed{code}: {self.message or 'no answer'}"


class VenueUnavailable(VenueError):
    """Network, 5xx or maintenance: a read may be tried again."""


class RateLimited(VenueUnavailable):
    """The venue asks for patience; try again after `retry_after`."""

    def __init__(self, venue: str, request: str, code: str = "", message: str = "", *, retry_after: timedelta) -> None:
        super().__init__(venue, request, code, message)
        self.retry_after = retry_after


class AccessDenied(VenueError):
    """The venue does not accept the credentials; halt the account and tell a human."""


class OrderRefused(VenueError):
    """A definite no to an order; it is terminal and never sent again unchanged."""


class InsufficientFunds(OrderRefused):
    """The account cannot carry the order."""


class InvalidOrder(OrderRefused):
    """The order breaks a rule of the venue: size, price, type or client order id."""


class NotSent(VenueError):
    """An order definitely did not leave: the stop of what it closes is gone, or its right to open has ended."""


class OutcomeUnknown(VenueError):
    """The order may or may not have arrived; ask by client order id, never send it again first."""


class LedgerError(DeskError):
    """The ledger could not keep a fact; stop before trading."""


class LedgerBusy(LedgerError):
    """Others held the ledger's write lock for longer than a writer waits; nothing was written."""


class LedgerUnwritable(LedgerError):
    """The disk is full or broken, or the ledger may not be written: trying again does not help."""


class LeaseLost(LedgerError):
    """Another run holds the account's lease; this one may not send anything more."""


class AnalystFailed(DeskError):
    """An analyst gave no usable answer; it counts as an abstention."""
