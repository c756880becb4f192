"""Labelled pictures: their files, the check before training, and how they are read: turned, scaled, sorted by size."""
