"""What experts, purchasers, the centre and the clock do with the pool and a panel, one act a file."""
