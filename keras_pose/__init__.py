"""Human (and animal) pose estimation in videos with Keras and TensorFlow."""

__version__ = "0.1.0"
