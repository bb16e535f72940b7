"""People in real browsers, and the real server they meet on."""
