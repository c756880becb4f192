"""Other pose nets on the same video, as their users run them."""
