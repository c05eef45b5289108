"""Attacks the desk on local simulators, in simulated time, and judges what is left by the venue's own books."""
