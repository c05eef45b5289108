"""The steps of one scan that talk to a venue, a feed or the ledger, through ports only."""
