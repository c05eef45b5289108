"""The HTTP conversation with venues: one client per session, one place for time-outs, retries and errors."""
