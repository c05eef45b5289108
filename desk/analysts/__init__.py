"""Analysts, one file each: opinions beside the strategies."""
