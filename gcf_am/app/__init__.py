"""The one place that constructs: configuration in, running parts out."""
