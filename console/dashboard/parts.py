"""The parts that pages are made of; what comes from outside is set as text, so that no browser runs it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import quote, urlencode

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from console.times import format_minute
from desk.errors import DeskError, LedgerError
from desk.model.books import TradingState
from desk.model.cycle import CycleState

_LONG = 24
GOOD, BAD, CAREFUL, QUIET, BUSY = "good", "bad", "careful", "quiet", "busy"
CYCLE_KINDS = {
    CycleState.TRADED: GOOD,
    CycleState.RUNNING: BUSY,
    CycleState.FAILED: BAD,
    CycleState.CRASHED: BAD,
    CycleState.NO_TRADE: BAD,
}
STATE_KINDS = {TradingState.ACTIVE: GOOD, TradingState.REDUCE_ONLY: CAREFUL, TradingState.HALTED: BAD}


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a table.

    Attributes:
        kind: how it looks: a class of desk.css.
        link: where it leads; nowhere where it is empty.
        badge: a word before the text, that looks as `kind` says.
        title: what is said to who points at it.
        press: what a click on the text does; it is a button then.
        part: a fraction that a bar beside the text shows; None for no bar.
        more: what a click on the text opens below it.
        colour: of its ground; none of its own where it is empty.
    """

    text: str
    kind: str = ""
    link: str = ""
    badge: str = ""
    title: str = ""
    press: Callable[[], Awaitable[None]] | None = None
    part: float | None = None
    more: str = ""
    colour: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether a narrow page does without it."""
        return not (self.text or self.badge)

    @property
    def is_long(self) -> bool:
        """Whether it needs lines of its own."""
        return len(self.text) > _LONG


def words(tag: str, text: str, classes: str = "") -> TextElement:
    """Put a text on the page."""
    return TextElement(tag=tag, text=text).classes(classes)


def sentence(text: str, classes: str = "") -> None:
    """Put a paragraph on the page; what stands between backticks is to be typed, and looks so."""
    with ui.element("p").classes(classes):
        for number, part in enumerate(text.split("`")):
            words("code" if number % 2 else "span", part)


def badge(text: str, kind: str = QUIET) -> None:
    """Put a word in a coloured frame on the page."""
    words("span", text, f"badge {kind}")


def link(text: str, to: str) -> TextElement:
    """Put a link on the page."""
    found = words("a", text)
    found.props["href"] = to
    return found


def small_button(text: str, press: Callable[[], Awaitable[None]]) -> None:
    """Put a button on the page that stands in a line of text."""
    ui.button(text, on_click=press).props("outline no-caps size=13px padding='1px 8px'")


def empty(text: str) -> None:
    """Say that there is nothing."""
    sentence(text, "empty")


def trouble(error: DeskError, *, kept: str = "") -> None:
    """Say why something cannot be shown; `kept` says what stands there instead."""
    with ui.element("div").classes("notice bad").props("role=alert"):
        words("strong", "The ledger does not answer." if isinstance(error, LedgerError) else "This cannot be shown.")
        if kept:
            words("span", kept)
        words("span", str(error), QUIET)


def tile(name: str, value: str, kind: str = "", *, note: Cell | None = None) -> None:
    """Put a figure with its name on the page, `unknown` for an empty one; the note stands under it."""
    with ui.element("div").classes("tile"):
        words("span", name, "name")
        words("span", value or "unknown", f"value {kind}" if value else "value quiet")
        if note is not None:
            words("span", note.text, f"note {note.kind}")


def meter(name: str, used: float, told: str, kind: str) -> None:
    """Put a bar on the page that says how much of something is used, as a fraction; more than all of it is full."""
    with ui.element("div").classes("meter"):
        words("span", name, "name")
        with ui.element("span").classes("bar"):
            ui.element("i").classes(kind).style(bar_style(used))
        words("span", told, "told")


def bar_style(used: float) -> str:
    """Return how a bar inside of its frame is drawn that shows a fraction; more than all of it is full."""
    return f"left: 0; width: {100 * min(max(used, 0.0), 1.0):.1f}%"


def short_time(at: datetime, to: str = "") -> Cell:
    """Return a time in few letters, with its year for who points at it."""
    return Cell(f"{at.astimezone(UTC):%m-%d %H:%M}", link=to, title=f"{format_minute(at)} UTC")


def money(value: Decimal | None, currency: str = "") -> str:
    """Return an amount to two places; empty for none."""
    return "" if value is None else f"{value:,.2f} {currency}".strip()


def change(value: Decimal | None) -> Cell:
    """Return an amount with its sign, green above 0 and red below."""
    if value is None:
        return Cell("")
    return Cell(f"{value:+,.2f}", "" if not value else "gain" if value > 0 else "loss")


def signed(value: Decimal | None, currency: str) -> Cell:
    """Return an amount as `change` does, with its currency behind it."""
    found = change(value)
    return replace(found, text=f"{found.text} {currency}") if found.text else found


def field(name: str, key: str, value: str, kind: str = "text") -> None:
    """Put a field of a plain form on the page, with its name above it."""
    with ui.element("label"):
        words("span", name)
        made = ui.element("input").props(f"type={kind} autocomplete=off")
        made.props["name"], made.props["value"] = key, value


def choices(
    name: str,
    key: str,
    known: Iterable[str],
    chosen: str,
    *,
    everything: str = "all",
    shown_as: Mapping[str, str] | None = None,
) -> None:
    """Put a choice of a plain form on the page; the first, where it has a word, leaves nothing out.

    Args:
        shown_as: what is shown in place of those that are in it.
    """
    with ui.element("label"):
        words("span", name)
        with ui.element("select") as made:
            made.props["name"] = key
            for value in ([""] if everything else []) + list(known):
                option = words("option", (shown_as or {}).get(value, value) or everything)
                option.props["value"] = value
                if value == chosen:
                    option.props("selected")


def account_path(account: str) -> str:
    """Return where the page of an account is."""
    return f"/account/{quote(account, safe='')}"


def chart_path(account: str, instrument: str = "") -> str:
    """Return where the chart of an instrument of an account is; of what it traded last where none is named."""
    return f"/chart?{urlencode({'account': account, 'instrument': instrument})}"


def strategy_path(place: str) -> str:
    """Return where the form for a strategy is, by its place in the configuration."""
    return f"/strategies?edit={quote(place, safe='')}"


def cycle_path(account: str, close: datetime) -> str:
    """Return where the page of a cycle is."""
    return f"{account_path(account)}/cycle/{close.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"
