"""The records of the file formats as typed, immutable values, with their JSON text and digests."""
