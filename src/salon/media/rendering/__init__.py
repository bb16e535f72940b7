"""Recordings become files people can play: reads a recording's folder; no database, no HTTP, no event loop.

The folder's format is described in ``docs/recording-format.md``. Whoever needs more than the log
runs ``python -m salon.media.rendering`` as a process of its own: what strangers sent is decoded there alone.
"""
