"""The choice of candidates: a pure function of a template and a stock."""
