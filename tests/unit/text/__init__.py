"""Text that a workload wrote."""
