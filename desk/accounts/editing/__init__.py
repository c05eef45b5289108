"""Changes of single values in the text of a configuration file; everything else of it stays as it is. Pure.

`edited` in `desk.accounts.editing.editing` is the way in.
"""
