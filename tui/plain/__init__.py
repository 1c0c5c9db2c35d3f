"""The review as a conversation in plain lines: for screen readers, dumb terminals, and slow connections."""
