"""One published kind of fix a file."""
