"""Sources of candles and quotes, synthetic and recorded, and what accounts that look at the same source share."""
