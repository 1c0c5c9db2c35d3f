"""The workspace on disk: atomic files, the lock, the journal and the policy."""
