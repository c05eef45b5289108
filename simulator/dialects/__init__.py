"""How each venue talks: its paths, its spelling, its rules; found by file name."""
