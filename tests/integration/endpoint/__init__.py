"""Model endpoints that misbehave, each a real server in a process of its own."""
