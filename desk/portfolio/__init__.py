"""How the fleet's money is shared out between accounts: what is wished, and what would bring it nearer to that."""
