"""What a policy would have done: the engine over recorded candles, its figures, and how much of them is luck. Pure."""
