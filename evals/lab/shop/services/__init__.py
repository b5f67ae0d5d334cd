"""The shop, one package a service."""
