"""What judges, bidders and the purchaser do while the panel sits, one file each."""
