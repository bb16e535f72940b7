"""Recordings: of a meeting's tracks on this disk, and what is made of them afterwards."""
