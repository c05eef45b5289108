"""Pages with an address of their own: for each a line here, and beside this file a module with `show(visit)`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the menu; `module` is the name of a file beside this one."""

    name: str
    path: str
    module: str


MENU = (
    Entry("Fleet", "/", "fleet"),
    Entry("Positions", "/positions", "positions"),
    Entry("Trades", "/trades", "trades"),
    Entry("Chart", "/chart", "chart"),
    Entry("Strategies", "/strategies", "strategies"),
    Entry("Risk", "/risk", "risk"),
    Entry("Portfolio", "/portfolio", "portfolio"),
    Entry("Backtests", "/backtests", "backtests"),
    Entry("Configuration", "/configuration", "configuration"),
    Entry("Usage", "/usage", "usage"),
    Entry("Logs", "/logs", "logs"),
    Entry("Audit", "/audit", "audit"),
)
"""In the order of reading."""

BELOW = (Entry("Messages", "/messages", "messages"),)
"""Pages that another one leads to."""
