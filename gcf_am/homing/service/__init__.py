"""Who works on plans: from a template to recommendations, and to slivers."""
