"""How each part of the desk is: one look at everything that must work for accounts to be scanned."""
