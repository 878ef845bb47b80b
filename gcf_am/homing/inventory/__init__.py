"""What there is: from advertisements, tables and people's own lists to a stock of candidates."""
