"""The desk's own logs: a line of JSON for each event, in files that several processes share, without secrets."""
