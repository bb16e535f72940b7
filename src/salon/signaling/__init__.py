"""Signaling: live sessions over WebSockets, presence, relays, captions leadership and their records."""
