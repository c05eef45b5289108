"""What every client does at a simulated venue: the same steps in the same order, told as one JSON object.

A client is a class with a method for each step. It is given a `Job` and tells numbers as text or as JSON numbers.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

STEPS = (
    "instrument",
    "candles",
    "market_order",
    "limit_order",
    "lookup",
    "duplicate",
    "cancel",
    "balance",
    "position",
    "fills",
    "bad_signature",
)
CANDLES = 10
PATIENCE = 5.0


@dataclass(frozen=True)
class Job:
    """What to trade, and as whom.

    Attributes:
        address: of the simulated venue.
        addresses: of every simulated venue, for clients that talk to two at once.
        secrets: of the account, as the simulator publishes them.
        wrong: the same with one that is not the account's.
        instrument: as the venue spells it.
        quantity: in base units.
        market_price: at which the market order will trade.
    """

    address: str
    addresses: dict[str, str]
    account: str
    secrets: dict[str, str]
    wrong: dict[str, str]
    instrument: str
    quantity: str
    market_price: str
    limit_price: str
    client_id: str


def run(make: Callable[[Job], object]) -> None:
    """Do every step with the client of the job on the command line, and print what they told."""
    client = make(Job(**json.loads(sys.argv[1])))
    print(json.dumps({step: getattr(client, step)() for step in STEPS}, default=str))  # noqa: T201 - read by the test


def refusal(error: type[Exception], call: Callable[[], object]) -> dict[str, str]:
    """Return the words with which the client raises `error`; what it gave instead where it does not."""
    try:
        return {"accepted": str(call())}
    except error as told:
        return {"refused": f"{type(told).__name__}: {told}"}


def until(ask: Callable[[], dict], state: str, *, name: str = "state") -> dict:
    """Ask again until the answer has that state under that name, as one does at a venue that needs a moment."""
    deadline = time.monotonic() + PATIENCE
    while (found := ask())[name] != state and time.monotonic() < deadline:
        time.sleep(0.05)
    return found
