"""Whether speech was made by a machine: one small interface, and what stands behind it."""
