"""The scripted world as a process of its own."""
