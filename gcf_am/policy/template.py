"""The policy file of a new home: no rules, and what rules look like."""

from typing import Final

TEMPLATE: Final = """\
# gcf_am: the aggregate's policy, read again when it changes; `doc/policy.md` explains it.
# Whoever holds a credential may take what there is, as long as nothing stands here.
# `gcf-am policy test` tells what a change of this file would refuse.

# A quota: at most so much per user, slice, project or authority. What is counted: slivers, nodes,
# links, cores, vlans, or node_hours (within so many days; 30 if nothing is said).
#
# [[quota]]
# name = "nodes of a user"
# of = "nodes"
# per = "user"
# most = 20
#
# [[quota]]
# name = "hours of a project"
# of = "node_hours"
# per = "project"
# most = 5000
# days = 30

# The same rule for the slices of one authority and of all below it: the closest one counts.
#
# [[quota]]
# name = "nodes of a user"
# authority = "example.org:class"
# of = "nodes"
# per = "user"
# most = 3

# Who may use what: hardware, sliver_types, images and components are patterns of names.
# Either `only` these people may, or all but those in `never`: URNs of users or slices,
# authorities (of the slice), or "*".
#
# [[restriction]]
# name = "big machines are for the lab"
# hardware = ["big*"]
# only = ["example.org:lab", "urn:publicid:IDN+example.org+user+alice"]

# How long slivers live, in place of [leases] in gcf_am.toml. renewal_hours is by how much one
# Renew may move the expiry, total_hours how long a sliver lives at most from its Allocate on.
#
# [[lifetimes]]
# authority = "example.org:class"
# allocated_minutes = 10
# allocated_most_minutes = 60
# provisioned_hours = 4
# provisioned_most_hours = 12
# renewal_hours = 4
# total_hours = 24

# What a node of a sliver type counts as in quotas of cores; others count 1.
#
# [cores]
# default-vm = 2
"""
