"""Meetings, their members and their chat."""
