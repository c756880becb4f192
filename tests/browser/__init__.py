"""Tests of the demo page in Chromium: `make test-browser`."""
