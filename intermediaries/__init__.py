"""The supermarket: what may be asked for, who offers it, and how an enterprise gets its agency."""
