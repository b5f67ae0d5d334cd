"""The adapters of the embedded world."""
