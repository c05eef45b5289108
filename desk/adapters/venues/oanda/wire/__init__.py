"""OANDA's replies as frozen models; they never leave the adapter."""
