"""What venues tell unasked: prices and news of accounts, supervised, so that the desk knows when it has to ask."""
