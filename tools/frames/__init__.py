"""Stack traces of six languages as frames, log templates, and the keys that errors are grouped by.  No I/O."""
