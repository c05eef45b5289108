"""Indicators on arrays, one place through which TA-Lib is reached."""
