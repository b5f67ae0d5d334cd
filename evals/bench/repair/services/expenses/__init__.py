"""Expenses: claims of employees and allowances for their trips."""
