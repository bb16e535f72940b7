"""Media: who may have a connection at the SFU, and the HTTP face of its negotiation."""
