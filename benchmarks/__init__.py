"""Speed of the desk, each figure as a ratio to something measured in the same run: `make bench`."""
