"""The repair bench over real processes and the real sandbox."""
