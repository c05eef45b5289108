"""Risk what the strategy's own record deserves: a part of the fraction at which capital would grow fastest."""

from decimal import Decimal

from pydantic import Field

from desk.model.books import Snapshot
from desk.model.instrument import Instrument
from desk.model.records import TrackRecord
from desk.plugin import Sizing
from desk.sizing import exact, part_of, quantity_within


class Kelly(Sizing):
    """Risk a part of the Kelly fraction of the strategy's closed trades, up to a cap; nothing without an edge.

    fraction = share * (p * win - (1 - p) * loss) / (win * loss), no more than `max_fraction`, where p is the share of
    trades with a profit, and win and loss are the mean profit and the mean loss in multiples of the risk. Equity times
    that fraction is what is lost where the stop is hit. The whole Kelly fraction is right only for a record that is
    known exactly; with an estimated one it risks far too much, hence a share of it. Until the record has
    `minimum_trades` nothing is opened: let another sizing make the record.

    Source: Kelly, "A New Interpretation of Information Rate", *Bell System Technical Journal*, 1956; Thorp, "The Kelly
    Criterion in Blackjack, Sports Betting and the Stock Market", 2006.
    """

    share: Decimal = Field(
        default=Decimal("0.25"), gt=0, le=1, description="Part of the Kelly fraction that is put at risk."
    )
    max_fraction: Decimal = Field(
        default=Decimal("0.02"), gt=0, le=Decimal("0.1"), description="Largest fraction of equity lost at the stop."
    )
    minimum_trades: int = Field(
        default=50, ge=10, le=10_000, description="Closed trades of the strategy from which its record counts."
    )
    max_notional_fraction: Decimal = Field(
        default=Decimal(1), gt=0, le=50, description="Largest value of one trade, as a multiple of equity."
    )
    cost_bps: Decimal = Field(
        default=Decimal(2), ge=0, le=500, description="What fees and slippage may add to the loss, in bps of the price."
    )

    def lacks(self, instrument: Instrument, snapshot: Snapshot, strategy: str = "") -> str:
        record = snapshot.records.get(strategy)
        found = record.trades if record else 0
        if found >= self.minimum_trades:
            return ""
        return f"{self.minimum_trades} closed trades of {strategy or 'the strategy'} with a known risk, found {found}"

    def size(
        self, instrument: Instrument, price: Decimal, stop_distance: Decimal, snapshot: Snapshot, strategy: str = ""
    ) -> Decimal:
        if self.lacks(instrument, snapshot, strategy):
            return Decimal(0)
        equity = snapshot.money.equity
        fraction = min(self.max_fraction, self.share * kelly_fraction(snapshot.records[strategy]))
        return quantity_within(
            instrument,
            price,
            stop_distance,
            snapshot,
            risk=part_of(equity, fraction),
            value=part_of(equity, self.max_notional_fraction),
            cost_bps=self.cost_bps,
        )


def kelly_fraction(record: TrackRecord) -> Decimal:
    """Return the fraction of capital to risk on each trade; 0 without an edge, 1 at most."""
    if record.trades == 0 or record.wins == 0:
        return Decimal(0)
    won, win, loss = exact(record.wins / record.trades), exact(record.mean_win), exact(-record.mean_loss)
    if loss <= 0 or win <= 0:
        return Decimal(1) if win > 0 else Decimal(0)
    return min(Decimal(1), max(Decimal(0), (won * win - (1 - won) * loss) / (win * loss)))
