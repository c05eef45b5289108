"""Writes the operator's files: checked together first, by one writer at a time, whole, and with a backup."""
