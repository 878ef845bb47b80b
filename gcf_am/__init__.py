"""A GENI aggregate manager: AM API v3, with Update and Cancel of the version 4 draft."""

__version__ = "1.0.0"
