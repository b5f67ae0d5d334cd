"""Changes a service's source and leaves its behaviour: other names, another order, helpers taken out, no comments."""
