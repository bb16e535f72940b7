"""Recognisers on other machines. They take what the gate for voices lets through, and nothing else."""
