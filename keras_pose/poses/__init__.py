"""The poses of a whole video: what `predict.py` finds, and the files that it is written to."""
