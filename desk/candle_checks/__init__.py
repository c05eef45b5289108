"""What is wrong or odd about recorded candles, what two recordings of one market come to, and what is missing."""
