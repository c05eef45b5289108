"""Sources of candles and quotes: synthetic and recorded."""
