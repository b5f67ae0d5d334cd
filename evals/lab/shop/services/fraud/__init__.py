"""Fraud: how risky a payment is."""
