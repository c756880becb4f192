"""Pictures of how a run learns and where it fails: `keras-pose show`."""
