"""The shipped sample traces: what they are made of, and that they show what they are meant to show."""
