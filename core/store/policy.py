"""The workspace's policy (`assay.toml`)."""
