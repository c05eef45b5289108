"""What the engine takes for granted, as a report says it; LIMITATIONS.md says what follows from each."""

ASSUMPTIONS = (
    "A decision at a close knows the candles that had closed by then, nothing later; each close is scanned at once.",
    "An order meets the open of the base candle that begins at that moment, worse by the slippage of the terms.",
    "Where candles have bid and ask, buying meets the ask and selling the bid; elsewhere both are the price, widened "
    "by the half spread of the venue's terms.",
    "Inside a candle the stop comes before the target, and a gap fills at the open.",
    "What ends inside a candle carries the time at which that candle closed.",
    "Slippage and fees are fixed rates; exits by stop, target and time limit are not limited by volume.",
    "Holding costs what the venue's terms say, at rates that do not change, and nothing where they say nothing.",
    "A venue whose terms have a maintenance margin closes everything on margin once the equity falls under it; others "
    "close nothing by force.",
    "The account trades alone: limits of the fleet see no other account, and no person halts, resumes or closes.",
    "Order books, funding and news of the past are not known, and universes are not chosen anew.",
    "There is no watch between two candles: stops do not move to the entry, and no part is closed early.",
    "Ratios are of UTC days, as many a year as the record has; nothing is subtracted for a rate without risk.",
)
