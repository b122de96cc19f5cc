"""What the steps of the supermarket judge: pure functions that return every problem at once."""
