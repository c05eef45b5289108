"""Tables as browsers read them."""

from html.parser import HTMLParser

from nicegui import Client, ui

from console.dashboard.parts import Cell
from console.dashboard.tables import drawn, heat, table

EVIL = "<script>alert('1')</script>\" onmouseover=\"alert(2)"


class Read(HTMLParser):
    """Which elements there are, with what, and what stands in them."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [with_what for name, with_what in self.elements if name == tag]


async def nothing() -> None:
    """What a button does here."""


def test_whatever_comes_from_outside_is_text():
    cells = [
        Cell(EVIL, EVIL, badge=EVIL, title=EVIL),
        Cell(EVIL, link=EVIL),
        Cell(EVIL, more=EVIL),
        Cell(EVIL, press=nothing),
        Cell(EVIL, colour=EVIL, part=0.5),
    ]
    read = Read(drawn([EVIL] * 5, [cells], otherwise="", classes=EVIL).markup)
    assert {name for name, _ in read.elements} == {
        *("table", "thead", "tbody", "tr", "th", "td"),
        *("span", "a", "details", "summary", "div", "button", "i"),
    }
    assert {key for _, with_what in read.elements for key in with_what} == {
        *("class", "data-label", "title", "style", "href", "type", "data-press"),
    }
    assert set(read.texts) == {EVIL}
    assert read.all("a") == [{"href": EVIL}]


def test_a_cell_is_what_its_parts_say():
    row = [
        Cell("+1,000.50", "gain", title="since midnight"),
        Cell("", "bad", badge="failed"),
        Cell("sample", link="/account/sample"),
        Cell(""),
        Cell("75%", "careful", part=0.75),
        Cell("a sentence that is longer than its place", "quiet"),
    ]
    read = Read(drawn(["Today", "State", "Account", "None", "Risk", "Why"], [row], otherwise="").markup)
    assert [one["class"] for one in read.all("td")] == ["number", "", "", " none", "number", " words"]
    assert [one["data-label"] for one in read.all("td")] == ["Today", "State", "Account", "None", "Risk", "Why"]
    assert [one["class"] for one in read.all("th")] == ["number", "", "", "", "number", ""]
    assert [one.get("title") for one in read.all("td")] == ["since midnight", *[None] * 5]
    assert read.all("i") == [{"class": "careful", "style": "left: 0; width: 75.0%"}]
    assert [one["class"] for one in read.all("span")] == ["gain", "badge bad", "careful", "bar", "quiet"]


async def test_what_buttons_do_is_kept_in_their_order():
    done: list[str] = []

    def doing(name: str) -> Cell:
        async def press() -> None:
            done.append(name)

        return Cell(name, press=press)

    rows = [[doing("a"), Cell("b")], [Cell("c"), doing("d")]]
    told = drawn(["First", "Second"], rows, otherwise="")
    for press in told.presses:
        await press()
    assert done == ["a", "d"]
    assert len(Read(told.markup).all("button")) == 2


def test_without_rows_a_sentence_says_why():
    with Client(ui.page("")) as client:
        table(["Account"], [], otherwise="No accounts are configured.")
    assert [one.text for one in client.elements.values() if getattr(one, "text", "")] == ["No accounts are configured."]


def test_the_further_from_nothing_the_stronger_the_colour():
    with Client(ui.page("")) as client:
        heat("Account", ["EUR/USD", "USD/JPY"], [(Cell("one"), [2.0, -1.0], "3"), (Cell("two"), [0.0, None], "0")])
    (placed,) = (one for one in client.elements.values() if isinstance(one, ui.html))
    read = Read(placed.content)
    assert [one.get("style") for one in read.all("td")] == [
        None,
        "background: color-mix(in srgb, var(--good) 55%, transparent)",
        "background: color-mix(in srgb, var(--bad) 32%, transparent)",
        *[None] * 5,
    ]
    assert read.texts == ["Account", "EUR/USD", "USD/JPY", "In all", "one", "+2.00", "-1.00", "3", "two", "+0.00", "0"]
