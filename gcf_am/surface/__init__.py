"""What a client can see, declared once: dispatch table, decoder and answer of GetVersion.

releases.py   the releases
lifecycle.py  what a record of change is, and the automaton over records
elements.py   the kinds of elements
wire.py       wire types: how values are read
shapes.py     shapes: how values are sent
formats.py    RSpec versions and extensions, credential types
codes.py      error codes, states, actions
am_v3.py      the API, read top to bottom like the standard
am_v2.py      its older version, deprecated
decoding.py   parameters to arguments
version.py    GetVersion's value
ch_v2.py      the clearinghouse's Federation API, likewise, with ch_elements.py (kinds of elements),
              ch_types.py (types of fields), ch_objects.py (objects), ch_decoding.py
ch_gcf.py     the clearinghouse's older methods
homing_v1.py  the Homing API, with homing_elements.py (kinds of elements)
registry.py   SURFACE, everything by its id
snapshot.py   SURFACE as plain data; snapshots/ holds what was frozen with each release
gate.py       what differs from a snapshot without a record that says so
render.py     reference pages and release notes
"""
