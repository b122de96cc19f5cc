"""What a share holder runs on his own machine: his keys, and one unlock for all that waits."""
