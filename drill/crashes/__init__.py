"""Real processes that are ended at chosen and at random moments, and what venue and ledger are like afterwards."""
