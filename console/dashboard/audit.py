"""The page of the audit: what was done by whom, and whether anybody changed it since."""

from nicegui import ui

from console.dashboard.frame import frame
from console.dashboard.live import Live
from console.dashboard.parts import BAD, GOOD, QUIET, Cell, link, tile, words
from console.dashboard.tables import table
from console.dashboard.visit import Visit
from console.services.auditing import Verified, audit_page, detail_of, verified_audit
from console.services.paging import Page, Turn
from console.times import format_instant
from desk.adapters.ledger.chain import AuditEntry
from desk.errors import DeskError

_HEADINGS = ("Row", "At", "Who", "Action", "Subject", "Detail")


async def show(visit: Visit) -> None:
    """Build the page for one browser."""
    room, after = visit.room, visit.asked.get("after", "")
    with frame(room, visit.visitor, ("Audit", "")):
        with ui.element("div").classes("heading"):
            words("h1", "Audit")
            again = ui.button("Verify again").props("outline no-caps")
        verified = ui.element("div").classes("tiles")
        again.on_click(lambda: _verify(visit, verified))
        await _verify(visit, verified)
        await Live(room, visit.visitor, lambda: audit_page(room.ledger, Turn(after)), _show).begin()


async def _verify(visit: Visit, place: ui.element) -> None:
    """Check the whole chain, and say what came of it."""
    try:
        found = await verified_audit(visit.room.ledger, visit.room.chosen.home)
    except DeskError as error:
        ui.notify(f"It could not be verified: {error}", type="negative", multi_line=True)
        return
    place.clear()
    with place:
        _tiles(found)


def _tiles(found: Verified) -> None:
    bad = found.first_bad
    tile("Rows", f"{found.rows:,}")
    if bad is not None:
        tile("Changed since it was written", f"row {bad.sequence}", BAD, note=Cell(bad.found, "loss"))
    else:
        tile("As it was written", "every row" if found.rows else "nothing yet", GOOD if found.rows else "")
    if found.head is not None:
        tile("Hash of the newest row", found.head.hash[:16], note=Cell("kept beside the ledger", QUIET))


def _show(found: Page[AuditEntry]) -> None:
    rows = [_row(entry) for entry in found.rows]
    table(_HEADINGS, rows, otherwise="Nothing was done yet that the audit keeps.", classes="dense")
    if found.next:
        link("Older rows", f"/audit?after={found.next}")
    words("p", "Times are UTC.", QUIET)


def _row(entry: AuditEntry) -> tuple[Cell, ...]:
    return (
        Cell(str(entry.sequence)),
        Cell(format_instant(entry.at).partition(".")[0]),
        Cell(entry.who),
        Cell("", QUIET, badge=entry.action.replace("_", " ")),
        Cell(entry.subject),
        Cell(detail_of(entry), QUIET),
    )
