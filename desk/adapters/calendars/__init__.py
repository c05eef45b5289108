"""Calendars: what is scheduled that may move prices."""
