"""The fourteen points at which a run is ended, and the call that each of them is at each venue."""

from collections.abc import Mapping
from dataclasses import dataclass

from drill.crashes.drilling import Held, Kill
from drill.crashes.fleet import Venue
from drill.crashes.forking import AS_USUAL, Desk

MEANINGS: Mapping[str, str] = {
    "CP1": "the account is held, nothing else is done",
    "CP2": "money, positions and prices are read",
    "CP3": "signals are computed",
    "CP4": "the decision is committed, its orders are not planned",
    "CP5": "the orders are planned",
    "CP6": "SENDING is committed, nothing is sent",
    "CP7": "the order has left, its reply is not read",
    "CP8": "the reply is read, the outcome is not committed",
    "CP9": "the outcome is committed",
    "CP10": "fills are read, not booked",
    "CP11": "fills are booked, the stop is not sent",
    "CP12": "the stop has left, its reply is not read",
    "CP13": "fills are booked, the account's money is not",
    "CP14": "the account is reconciled and still held",
}

_USUAL: Mapping[str, Kill] = {
    "CP1": Kill(after="entry: acquire_lease#1"),
    "CP2": Kill(after="entry: task take_snapshot#1"),
    "CP3": Kill(after="entry: task compute_signals#1"),
    "CP4": Kill(after="entry: record_cycle#1"),
    "CP5": Kill(after="entry: store_intents#1"),
    "CP6": Kill(after="entry: start_sending#1"),
    "CP8": Kill(after="entry: submit#1"),
    "CP9": Kill(after="entry: record_order#1"),
    "CP10": Kill(before="fall: book_fills#1"),
    "CP13": Kill(before="fall: record_equity#1"),
    "CP14": Kill(before="reconcile: release_lease#1"),
}

_BARE = Desk(enters_bare=True)
_ENTRIES = 2
"""How many orders the entry sends before the watch sends any."""


@dataclass(frozen=True, slots=True)
class Point:
    """Where one run is ended.

    Attributes:
        desk: in what it is not as usual, where the point would not be reached otherwise.
    """

    code: str
    kill: Kill
    desk: Desk = AS_USUAL

    @property
    def where(self) -> str:
        """The call, in words."""
        kill = self.kill
        if kill.held is not None:
            return f"while the reply to {kill.held.method} {kill.held.path} is held, {kill.held.skip} before it passed"
        return f"after {kill.after}" if kill.after else f"before {kill.before}"


def points_of(venue: Venue) -> dict[str, Point]:
    """Return every point of a venue, in order.

    CP7 and CP12 hold the reply of a request that the venue has carried out; on paper nothing is sent, and the process
    dies when the venue's books are committed. CP11 and CP12 are about the stop that is an order, or a request, of its
    own. Aster's leaves right after its entry. Elsewhere a stop comes with the entry, so that the entry is sent without
    it here, and the watch finds a position that needs one. On KuCoin's spot market there are no stops, and it is the
    order that closes the position when the price is there.
    """
    points = {code: Point(code, kill) for code, kill in _USUAL.items()}
    points["CP7"] = Point("CP7", Kill(after="entry: save#1") if venue.is_paper else Kill(held=Held(venue.orders)))
    points["CP11"], points["CP12"] = _stops(venue)
    return {code: points[code] for code in MEANINGS}


def _stops(venue: Venue) -> tuple[Point, Point]:
    match venue.name:
        case "aster":
            unsent, sent, desk = Kill(before="entry: POST /fapi/v3/order#2"), Held(venue.orders, skip=1), AS_USUAL
        case "kucoin":
            unsent, sent, desk = Kill(before="fall: submit#1"), Held(venue.orders, skip=_ENTRIES), AS_USUAL
        case "oanda":
            unsent, sent, desk = Kill(before="first watch: set_stop#1"), Held("/trades/[0-9]+/orders$", 0, "PUT"), _BARE
        case _:
            unsent, sent, desk = Kill(before="first watch: submit#1"), Held(venue.orders, skip=_ENTRIES), _BARE
    left = Kill(after="first watch: save#2") if venue.is_paper else Kill(held=sent)
    return Point("CP11", unsent, desk), Point("CP12", left, desk)
