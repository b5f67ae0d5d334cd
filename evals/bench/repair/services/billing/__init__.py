"""Billing: invoices for subscriptions."""
