"""Prefect flows: what is orchestrated, in one sentence each."""
