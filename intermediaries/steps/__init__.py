"""The acts of the supermarket, one file a step."""
