"""The form for a new account: what each needs, written after the change was shown; everything else by the file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from nicegui import ui

from console.dashboard.deciding import Decision, ask_to_decide
from console.dashboard.parts import QUIET, account_path, link, words
from console.dashboard.visit import Visit
from console.services.membership import AccountAdded
from console.services.plugins import every_strategy
from desk.accounts.spec import Venue
from desk.model.cycle import Mode
from desk.model.timeframe import Timeframe

_Field = TypeVar("_Field", ui.input, ui.select, ui.input | ui.select)
ADD_PATH = "/configuration?add=account"
_NOT_LIVE = "No account for real money is made here: it needs a connection with keys, which is written in \
accounts.yaml, and somebody who arms it by name."


@dataclass(frozen=True, slots=True)
class _Key:
    """A key of an account; `form` says how what is chosen is written."""

    key: str
    hint: str
    known: Sequence[str] = ()
    form: str = "{}"


def _keys(policies: Sequence[str]) -> tuple[_Key, ...]:
    return (
        _Key("venue", "Empty for the default of the file.", [one.value for one in Venue]),
        _Key("mode", "Empty for the default of the file.", [Mode.PAPER.value, Mode.DRY_RUN.value]),
        _Key("instruments", "Such as EUR/USD, XAU/USD", form="[{}]"),
        _Key("timeframe", "Empty for the default of the file, or M5.", [one.value for one in Timeframe]),
        _Key("strategies", "With its defaults.", sorted(every_strategy()), "[{{name: {}}}]"),
        _Key("policy", "Empty for the default of the file.", policies),
        _Key("schedule", "Such as every: 15m, offset: 5s", form="{{{}}}"),
    )


def show_founding(visit: Visit) -> None:
    """Put the form here."""
    _Founding(visit).show()


class _Founding:
    """The fields of an account that there is not yet."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._keys = _keys(visit.room.files.current().policy_names)
        self._fields: dict[str, ui.input | ui.select] = {}

    def show(self) -> None:
        """Put the fields and the button here."""
        with ui.element("section").classes("panel editor"):
            words("h2", "Add account")
            with ui.element("div").classes("fields"):
                self._name = _hinted(ui.input("name"), "Small letters, digits and -")
                for one in self._keys:
                    self._fields[one.key] = _field(one)
            words("p", _NOT_LIVE, QUIET)
            with ui.element("div").classes("choice"):
                ui.button("Show the change", on_click=self._ask).props("no-caps unelevated")
                link("Close", "/configuration")

    async def _ask(self) -> None:
        name = str(self._name.value or "").strip()
        typed = [(one, str(self._fields[one.key].value or "").strip()) for one in self._keys]
        wanted = AccountAdded(name, {one.key: one.form.format(text) for one, text in typed if text})

        async def afterwards() -> None:
            ui.navigate.to(account_path(name))

        await ask_to_decide(self._visit, Decision(name, "Add account", lambda _: wanted, afterwards))


def _field(one: _Key) -> ui.input | ui.select:
    made = ui.select(["", *one.known], value="", label=one.key) if one.known else ui.input(one.key)
    return _hinted(made, one.hint)


def _hinted(made: _Field, hint: str) -> _Field:
    made.props("outlined dense stack-label")
    made.props["hint"] = hint
    return made
