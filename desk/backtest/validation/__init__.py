"""How far a backtest can be believed: whether it peeks, how much of it is luck, and what of it lasts."""
