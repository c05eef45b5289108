"""Recorded candles for research: a Parquet file for each source, instrument and timeframe, in a folder of their own."""
