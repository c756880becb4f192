"""Writes the demo page with nets that run in the browser: a folder that any web server can serve."""
