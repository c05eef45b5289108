"""What Prometheus is told: what there is to tell, and its values, read from the ledger when somebody asks."""
