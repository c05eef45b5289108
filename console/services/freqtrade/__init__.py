"""An account told as freqtrade tells of its bot, so that tools that were made for that work."""
