"""Runs many trials: side by side in processes, stored as they come in, so that a search that was stopped goes on."""
