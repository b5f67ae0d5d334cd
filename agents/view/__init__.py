"""What an agent may see and ask for: evidence, sources and tools, without secrets."""
