"""Confidence that means something: calibrated probabilities, expected errors, ambiguous joints."""
