"""Whole installations, as users have them; a package, so that its fixtures end with its last test."""
