"""Everything that does I/O behind the ports."""
