"""The control room over HTTP: who may come in, and what the services answer, as JSON."""
