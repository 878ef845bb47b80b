"""Certificates and credentials for the refusals that a check wants to see.

The kit holds the key of the experimenter it runs for, and keys it makes itself. With hers it signs
what she may really sign: delegations, and her word that a tool speaks for her; what is wrong with
one of those is the one thing that is wrong. With its own it makes what nobody trusts. What only an
authority's key could sign is altered instead, and then its signature is wrong as well.
"""
