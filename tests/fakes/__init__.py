"""Stand-ins for foreign parts that cannot run everywhere."""
