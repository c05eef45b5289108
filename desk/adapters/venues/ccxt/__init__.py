"""Any exchange that ccxt knows, behind the ports; needs the extra `ccxt`."""
