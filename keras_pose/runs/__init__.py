"""Runs: the folder of a training, its configuration in parts, and its trained net."""
