"""Sizing methods, one file each: how large a trade may be for the risk it takes."""
