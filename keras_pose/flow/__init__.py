"""Optical flow: estimators, the warp by flow, composition over several frames, and how reliable flow is.

Flow is (dx, dy) in px of its own grid: target(p) = source(p + flow(p)). `estimators` opens every estimator by its name,
`in_graph` is the one in TensorFlow. `composition` and `composition_numpy` hold the one equation of composition.
"""
