"""Accounts, credentials and sign-in."""
