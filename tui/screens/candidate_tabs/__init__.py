"""The tabs of the candidate screen, one module each."""
