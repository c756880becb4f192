"""Helpers of `serving`: its parts (one file each), the server's process, and clients that load it."""
