"""Metrics of the lab: what services expose, how they are scraped and kept, and the alert rules over them."""
