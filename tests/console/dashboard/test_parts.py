"""Parts of pages that say something."""

from nicegui import Client, ui
from nicegui.elements.mixins.text_element import TextElement

from console.dashboard.parts import sentence


async def test_what_is_to_be_typed_looks_so_and_is_text_whatever_it_is():
    with Client(ui.page("")) as client:
        sentence("First `desk <b>`, then `desk up`.")
    told = [(one.tag, one.text) for one in client.elements.values() if isinstance(one, TextElement)]
    assert told == [("span", "First "), ("code", "desk <b>"), ("span", ", then "), ("code", "desk up"), ("span", ".")]
