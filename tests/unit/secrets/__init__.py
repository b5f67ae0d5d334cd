"""Secrets in what is recorded, shown and asked."""
