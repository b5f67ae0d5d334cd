"""Evidence: measurements, dossiers and proofs for a decision."""
