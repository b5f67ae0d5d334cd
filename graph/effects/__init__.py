"""Effects: the only code that changes a service, and that takes a change back."""
