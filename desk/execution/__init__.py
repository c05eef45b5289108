"""From verdicts to orders: planning, sending once, booking fills."""
