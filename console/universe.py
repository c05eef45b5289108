"""Prints which instruments an account chose, and of every other one why it is not among them."""

from console.ledgers import ask
from console.services.opening import OpenDesk
from console.services.universe import universe_choice
from console.showing import print_json, print_line, print_table
from console.times import format_minute, parse_time
from desk.accounts import load_fleet
from desk.adapters.settings import settings
from desk.universe.choosing import Choice, Standing


def show_universe(account: str, *, at: str | None, as_json: bool) -> int:
    """Print the choice of an account that was in force at a time, the newest one without a time.

    Raises:
        NotUnderstood: there is no such account, or the time cannot be read.
        NothingRecorded: the account trades a fixed list, or has chosen nothing by then.
    """
    fleet, time = load_fleet(settings().config), parse_time(at) if at else None
    choice = ask(lambda ledger: universe_choice(OpenDesk(fleet, ledger), account, time))
    if as_json:
        print_json(choice)
        return 0
    print_table([_row(one) for one in choice.standings], _title(choice))
    count = sum(one.place.is_in for one in choice.standings)
    print_line()
    print_line(f"{count} of {len(choice.standings)} instruments; what is held stays until it is closed.")
    return 0


def _title(choice: Choice) -> str:
    return f"{choice.universe} of {choice.account}, chosen at the candle of {format_minute(choice.candle_close)} UTC"


def _row(found: Standing) -> dict[str, object]:
    return {
        "instrument": found.instrument,
        "in": "yes" if found.place.is_in else "no",
        "why": found.detail,
        "turnover": "" if found.turnover is None else f"{found.turnover:,.0f}",
        "spread": "" if found.spread_bps is None else f"{found.spread_bps:.2f} bps",
        "days": "" if found.age_days is None else found.age_days,
    }
