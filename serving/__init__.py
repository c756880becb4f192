"""Serving of exported models: a client, a local server, and a demo page."""
