"""The notebooks, executed against an incident that was just recorded."""
