"""What every adapter of a port promises, where the adapters are tested in different places."""
