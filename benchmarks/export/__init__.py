"""Helpers of `export_precision`: a run exported in every precision, each export as a predictor."""
