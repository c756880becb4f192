"""Evaluation: predictions beside the truth, measures with bootstrap intervals, and the page that shows them."""
