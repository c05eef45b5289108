"""The migrations of the desk's database, run by `desk.adapters.ledger.schema.upgrade`."""
