"""Plans as they are kept: what was asked, how far it is, what was found, what was reserved."""
