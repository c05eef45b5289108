"""Thin Prefect wrappers around the desk: names, retries, tags; no decisions."""
