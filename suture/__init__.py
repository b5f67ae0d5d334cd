"""Suture heals running services; this package is its front door, and the parts lie beside it or in ``_house``."""

__version__ = "0.1.0"
