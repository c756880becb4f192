"""Prediction: what `keras_pose.load` returns, and predictors of frames, windows and streams."""
