"""The screens and the command line; all rules live in `core`."""
