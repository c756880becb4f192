"""A local server with the REST API of TensorFlow Serving, for machines that have no `tensorflow_model_server`.

Paths, answers, errors and the handling of model versions follow TensorFlow Serving (its `g3doc/api_rest.md`), so a
client that works here works there. Start it with `python -m serving.local_server --model_base_path=<export>/<model>`.
"""
