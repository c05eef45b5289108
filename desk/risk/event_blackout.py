"""Open nothing around events that move prices."""

from datetime import timedelta
from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.facts import Missing
from desk.model.instrument import Instrument
from desk.model.pauses import moment
from desk.model.reasons import Reason
from desk.model.surroundings import CalendarEvent, Importance
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule
from desk.risk import refuse

_DOLLARS = {"USDT", "USDC"}
_NO_CALENDAR = "there is no calendar of events"


class EventBlackout(RiskRule):
    """Open nothing shortly before and after events that concern a currency of the instrument.

    An event without a currency concerns every instrument; one of the dollar concerns the coins that stand for it too.
    Without a calendar everything passes, and the finding says so, unless a calendar is `required`.
    """

    before: timedelta = Field(
        default=timedelta(minutes=30),
        ge=timedelta(0),
        le=timedelta(hours=24),
        description="How long before an event nothing is opened, as seconds or as in PT30M.",
    )
    after: timedelta = Field(
        default=timedelta(minutes=15),
        ge=timedelta(0),
        le=timedelta(hours=24),
        description="How long after an event nothing is opened, as seconds or as in PT15M.",
    )
    importance: Importance = Field(
        default=Importance.HIGH, description="The least importance that counts: low, medium or high."
    )
    required: bool = Field(
        default=False, strict=True, description="Whether nothing is opened while there is no calendar."
    )

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        events, unit = snapshot.surroundings.events, "events"
        if events is None and self.required:
            return refuse(self, Missing(Reason.NOT_KNOWN, _NO_CALENDAR), limit=Decimal(0), unit=unit)
        instrument = snapshot.instruments[proposal.instrument]
        near = [
            event
            for event in events or ()
            if self._matters(event, instrument) and event.at - self.before <= snapshot.at <= event.at + self.after
        ]
        told = "; ".join(f"{event.title} ({event.currency or 'all'}) at {moment(event.at)}" for event in near)
        return self.finding(
            Decimal(0) if near else proposal.quantity,
            limit=Decimal(0),
            observed=Decimal(len(near)),
            unit=unit,
            reason=Reason.EVENT_BLACKOUT if near else None,
            detail=_NO_CALENDAR if events is None else told,
        )

    def _matters(self, event: CalendarEvent, instrument: Instrument) -> bool:
        ranks = tuple(Importance)
        concerned = {instrument.base, instrument.quote}
        concerned |= {"USD"} if concerned & _DOLLARS else set()
        return event.currency in {"", *concerned} and ranks.index(event.importance) >= ranks.index(self.importance)
