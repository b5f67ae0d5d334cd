"""The scripted world."""
