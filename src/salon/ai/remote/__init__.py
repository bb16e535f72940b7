"""Models on other machines. Recognisers take what the gate for voices lets through, and nothing else."""
