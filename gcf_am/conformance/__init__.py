"""A conformance kit that any aggregate can be pointed at.

It asks as an experimenter's tool would, and judges what comes back. Of our own rooms it knows only
client, rspec and surface, so that it can live without the rest.
"""
