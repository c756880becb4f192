"""Serving of exported models: a client, a local server and a page to try them with."""
