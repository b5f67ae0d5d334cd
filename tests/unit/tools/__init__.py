"""Single-file tools."""
