"""Which flows run when, and where: plan, apply, worker."""
