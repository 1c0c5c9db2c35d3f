"""Reading runs: files, decoding, normalising, run records, agent turns."""
