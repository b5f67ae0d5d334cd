"""The domain's words."""
