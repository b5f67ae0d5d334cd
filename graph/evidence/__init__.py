"""What is measured, collected and proved for a decision."""
