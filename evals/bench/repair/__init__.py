"""The repair bench: planted bugs in small services, healed by the product's own path, judged by hidden tests."""
