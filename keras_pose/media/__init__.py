"""Pictures and videos as arrays of frames: the one place that knows file endings, orientation and range of values."""
