"""What Coinbase sends, as far as it is used here; these models never leave the adapter."""
