"""What may happen beside the road: clarification, objection, failure."""
