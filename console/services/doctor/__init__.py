"""Examines an installation, part by part: what is well, what is not, and what to do about it."""
