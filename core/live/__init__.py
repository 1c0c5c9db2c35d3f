"""The live workspace: files in, snapshots out."""
