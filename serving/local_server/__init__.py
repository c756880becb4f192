"""A local server with the REST API of TensorFlow Serving, for machines without `tensorflow_model_server`.

Paths, answers, errors and the handling of model versions follow TensorFlow Serving (its `g3doc/api_rest.md`). A client
that works with one server works with the other.
Start it with `python -m serving.local_server --model_base_path=<export>/<model>`.
"""
