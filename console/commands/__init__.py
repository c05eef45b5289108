"""What there is to type, a module for each panel of `desk --help` and for each group of commands."""
