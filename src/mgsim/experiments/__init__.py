"""Questions put to models, one a file."""
