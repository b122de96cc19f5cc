"""What a bidder runs on his own machine: sealing, submitting, withdrawing, revealing."""
