"""The fleet at one time: how it is, what every account is doing, and what was decided last."""

from dataclasses import dataclass
from datetime import datetime

from console.services.health.survey import Survey, Surveyed
from console.services.opening import OpenDesk
from console.services.standings import FleetStanding, fleet_standing
from console.services.states import StateFacts, states_in_force
from desk.adapters.ledger.facts import CycleSummary


@dataclass(frozen=True, slots=True)
class Overview:
    """What was found.

    Attributes:
        at: by the machine's clock.
        cycles: the newest of all accounts, the newest first.
    """

    at: datetime
    surveyed: Surveyed
    fleet: FleetStanding
    states: tuple[StateFacts, ...]
    cycles: tuple[CycleSummary, ...]


async def overview(desk: OpenDesk, survey: Survey, *, cycles: int) -> Overview:
    """Look at everything.

    Args:
        desk: the installation.
        survey: how its parts are.
        cycles: how many of the newest are told.
    """
    surveyed = await survey.look(desk.ledger)
    newest = tuple(reversed(await desk.ledger.cycles(limit=cycles)))
    return Overview(surveyed.at, surveyed, await fleet_standing(desk), await states_in_force(desk.ledger), newest)
