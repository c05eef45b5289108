"""What a person may see or do at the desk: commands, API and pages call these functions and nothing else."""
