"""A plan's recommendation becomes slivers, at all its aggregates or at none."""
