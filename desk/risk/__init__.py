"""Risk rules, one file each: how much of a proposal may go ahead."""
