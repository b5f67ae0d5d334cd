"""The only code through which a service is changed, and through which a change is taken back."""
