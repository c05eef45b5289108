"""Where keys are found and kept: Secret Manager, the environment, `.env`, and what a deployment brings along."""
