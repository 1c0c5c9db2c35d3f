"""Finding sequences that repeat across runs, and the candidates they make."""
