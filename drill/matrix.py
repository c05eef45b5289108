"""The faults that a desk must survive, by their numbers, and where those are tried that no drill makes."""

from dataclasses import dataclass

STEPS = {
    "S0": "start",
    "S1": "take the account",
    "S2": "ask for money, positions, orders",
    "S3": "ask for candles and prices",
    "S4": "check the market data",
    "S5": "compute signals",
    "S6": "decide",
    "S7": "commit the intent",
    "S8": "send the order",
    "S9": "record the answer",
    "S10": "ask for fills",
    "S11": "see to the stop",
    "S12": "book",
    "S13": "reconcile, give the account back",
    "S14": "tell people",
    "S15": "an operator's order",
}


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One row of the matrix.

    Attributes:
        elsewhere: the file that tries it, where no drill makes it.
    """

    number: str
    what: str
    elsewhere: str = ""


_DATABASES = "tests/desk/adapters/ledger/test_database_faults.py"
_VENUES = "tests/contracts/venues/test_faults.py"

MATRIX = (
    FaultKind("F01", "nobody answers a question"),
    FaultKind("F02", "no connection for an order"),
    FaultKind("F03", "the answer to an accepted order comes too late"),
    FaultKind("F04", "the order is lost on its way"),
    FaultKind("F05", "the answer to an order that fills at once is lost"),
    FaultKind("F06", "a server error answers an accepted order"),
    FaultKind("F07", "503 answers an order, accepted or not"),
    FaultKind("F08", "an order is refused for good: 400, 401, 403"),
    FaultKind("F09", "too many calls: 429, 418"),
    FaultKind("F10", "half an answer, or none that can be read"),
    FaultKind("F11", "a refusal inside an answer that says OK", _VENUES),
    FaultKind("F12", "a second run of the same candle"),
    FaultKind("F13", "the process is killed"),
    FaultKind("F14", "the machine sleeps longer than a lease"),
    FaultKind("F15", "fills are told twice"),
    FaultKind("F16", "a fill is there before the answer to its order", _VENUES),
    FaultKind("F17", "an order fills while it is cancelled", _VENUES),
    FaultKind("F18", "an order fills in part, the rest is cancelled"),
    FaultKind("F19", "fills are told in another order"),
    FaultKind("F20", "a sum of fills is told, and not each", "tests/desk/adapters/venues/coinbase/test_streams.py"),
    FaultKind("F21", "an order is not found right after it was sent"),
    FaultKind("F22", "a list leaves something out, or is empty"),
    FaultKind("F23", "somebody trades at the account by hand"),
    FaultKind("F24", "somebody else's order works at the account"),
    FaultKind("F25", "the stop of a position is cancelled by hand"),
    FaultKind("F26", "nothing can be closed: the market is halted"),
    FaultKind("F27", "the newest candles are missing"),
    FaultKind("F28", "the newest candle is not closed yet", _VENUES),
    FaultKind("F29", "candles out of order, twice, or with a gap"),
    FaultKind("F30", "prices that are none"),
    FaultKind("F31", "a price jumps far away and back"),
    FaultKind("F32", "a candle without a trade", "tests/desk/adapters/feeds/test_growing.py"),
    FaultKind("F33", "the venue's clock goes wrong"),
    FaultKind("F34", "weekends, holidays, summer time", "tests/flows/test_live_scan.py"),
    FaultKind("F35", "the database is busy, and then locked"),
    FaultKind("F36", "the disk is full", _DATABASES),
    FaultKind("F37", "PostgreSQL is lost in the middle of a commit", _DATABASES),
    FaultKind("F38", "a migration is interrupted", "tests/desk/adapters/ledger/test_schema.py"),
    FaultKind("F39", "Prefect is away, or runs pile up", "tests/end_to_end/test_outage.py"),
    FaultKind("F40", "a secret cannot be read", "tests/blocks/test_secrets.py"),
    FaultKind("F41", "the key of another world", "tests/desk/adapters/venues/test_reaching.py"),
    FaultKind("F42", "a limit that is none", "tests/desk/accounts/test_loading.py"),
    FaultKind("F43", "a size without bounds", "tests/desk/sizing/test_fixed_fraction.py"),
    FaultKind("F44", "a strategy that never stops ordering", "tests/desk/adapters/ledger/test_trips.py"),
    FaultKind("F45", "the loss of a day is too large", "tests/desk/execution/test_breaker.py"),
    FaultKind("F46", "the account is halted in the middle"),
    FaultKind("F47", "the network is gone while positions are open", "tests/contracts/venues/test_watching.py"),
    FaultKind("F48", "somebody attacks the dashboard", ""),
    FaultKind("F49", "a secret in a message", "tests/flows/test_secrets.py"),
    FaultKind("F50", "a row of the audit is changed", "tests/desk/adapters/ledger/test_audit.py"),
)
