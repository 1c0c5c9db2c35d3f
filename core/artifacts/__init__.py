"""What a candidate is written as: workflow, eval pack, bundle."""
