"""Live captions: from what each speaker says to lines that everybody reads while it is said."""
