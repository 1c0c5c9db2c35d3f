"""The review in a browser: who may come in, and the server itself."""
