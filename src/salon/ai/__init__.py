"""Intelligence that works offline: recognition, mood, synthetic voices."""
