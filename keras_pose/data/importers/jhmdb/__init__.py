"""Reads JHMDB: clips of film with 15 joints in every frame."""
