"""Stack traces of six languages."""
