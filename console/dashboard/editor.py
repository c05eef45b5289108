"""The form for a strategy of an account: another strategy, other parameters, written after the change was shown."""

from collections.abc import Mapping

from nicegui import ui

from console.dashboard.agreeing import ask_to_write
from console.dashboard.parts import empty, link, words
from console.dashboard.visit import Visit
from console.services.changing import ChangeWanted
from console.services.plugins import Parameter, every_strategy, parameters_of, strategy_named
from console.services.strategies import StrategyUse, fleet_strategies

_PAGE = "/strategies"


async def show_editor(visit: Visit, place: str) -> None:
    """Put the form for the strategy at a place of the configuration here."""
    found = [(one.name, use) for one in await fleet_strategies(visit.room.desk) for use in one.uses]
    chosen = next(((name, use) for name, use in found if use.place == place), None)
    with ui.element("section").classes("panel editor"):
        if chosen is None:
            empty(f"No account has a strategy at {place}.")
        else:
            _Editor(visit, *chosen).show()
            return
        link("Close", _PAGE)


class _Editor:
    """The fields of one strategy of an account, and what is to be written of them."""

    def __init__(self, visit: Visit, name: str, use: StrategyUse) -> None:
        self._visit, self._name, self._use = visit, name, use
        self._fields: dict[str, ui.input] = {}

    def show(self) -> None:
        """Put the fields and the button here."""
        words("h2", f"{self._use.account}: {self._name}")
        known = sorted(every_strategy())
        self._strategy = ui.select(known, value=self._name, label="Strategy", on_change=self._fill).props(
            "outlined dense"
        )
        words("p", "A field that is empty stands for the default, which it shows in grey.", "quiet")
        self._body = ui.element("div").classes("fields")
        self._fill()
        with ui.element("div").classes("choice"):
            ui.button("Show the change", on_click=self._ask).props("no-caps unelevated")
            link("Close", _PAGE)

    def _fill(self) -> None:
        chosen = str(self._strategy.value)
        written = self._use.parameters if chosen == self._name else {}
        self._body.clear()
        self._fields = {}
        with self._body:
            for one in parameters_of(strategy_named(chosen)):
                self._fields[one.name] = _field(one, written.get(one.name, ""))

    def _wanted(self) -> ChangeWanted:
        """What differs from what is written, each value at its place."""
        place, chosen = self._use.place, str(self._strategy.value)
        typed = {name: str(field.value or "").strip() for name, field in self._fields.items()}
        if chosen != self._name:
            return ChangeWanted({place: _written(chosen, self._use.weight, typed)})
        before = {name: self._use.parameters.get(name, "") for name in typed}
        differing = {name: text for name, text in typed.items() if text != before[name]}
        return ChangeWanted(
            {f"{place}.parameters.{name}": text for name, text in differing.items() if text},
            tuple(f"{place}.parameters.{name}" for name, text in differing.items() if not text),
        )

    async def _ask(self) -> None:
        await ask_to_write(self._visit, self._wanted(), _PAGE)


def _field(one: Parameter, value: str) -> ui.input:
    usual = f"{one.default} ({one.range})" if one.range else one.default
    made = ui.input(one.name, value=value, placeholder=usual).props("outlined dense stack-label")
    made.props["hint"] = one.meaning
    return made


def _written(name: str, weight: float, typed: Mapping[str, str]) -> str:
    """A strategy as it is written in a list of them."""
    parameters = ", ".join(f"{key}: {text}" for key, text in typed.items() if text)
    parts = [f"name: {name}", *([f"weight: {weight:g}"] if weight != 1 else [])]
    return f"{{{', '.join([*parts, *([f'parameters: {{{parameters}}}'] if parameters else [])])}}}"
