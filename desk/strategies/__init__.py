"""Strategies, one file each, discovered by file name."""
