"""The acts of the road, one file each, named like the act."""
