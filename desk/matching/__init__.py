"""One matching engine for the paper venue, the backtest and the simulator: pure, and pessimistic in case of doubt."""
