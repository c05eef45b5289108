"""Who looks at a page, what the address asks for, and whether that person may still do something."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from nicegui import ui

from console.api.room import Room
from desk.model.access import Rights, Visitor


@dataclass(frozen=True, slots=True)
class Visit:
    """A page that one browser has opened; `asked` is what stands behind the `?` of its address."""

    room: Room
    visitor: Visitor
    asked: Mapping[str, str] = field(default_factory=dict)

    def may(self, needed: Rights) -> bool:
        """Return whether the visitor had these rights when the page was opened."""
        return self.visitor.rights.include(needed)

    async def still_may(self, needed: Rights) -> Visitor | None:
        """Return who has the session now, or lead to the door: it may be over, or have lost its rights meanwhile."""
        found = await self.room.ledger.visitor_with_session(self.visitor.session)
        if found is None or not found.rights.include(needed):
            to_the_door()
            return None
        return found


def to_the_door() -> None:
    """Lead the browser to the door, and from there back to the page that it shows."""
    here = ui.context.client.request.url
    wanted = f"{here.path}?{here.query}" if here.query else here.path
    ui.navigate.to(f"/login?next={quote(wanted)}")
