"""Mutation testing: single operations of the code are changed, and the tests of the changed module must fail.

Cosmic Ray finds the changes and makes them, in a copy of the project. The tests run in copies of one process that has
loaded TensorFlow, which takes longer than most of them.
"""
