"""Export: SavedModels and TensorFlow Lite files, with signatures, warm-up requests and a model card."""
