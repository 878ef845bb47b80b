"""What extensions say of their own elements, wherever these stand in a RSpec."""

from lxml import etree

from gcf_am.safexml import Problem, Schema


def problems(root: etree._Element) -> list[Problem]:
    """What is wrong with the extensions in a RSpec of version 3; empty when nothing is.

    An element that its namespace's schema declares must follow it. Elements that no schema of
    ours declares pass, those of newer kinds in a namespace that we know among them: the field
    went on after the schemas were written. What stands in them is judged the same way. The
    RSpec's own elements are not looked at.

    Source: decision 24; XML Schema 1.0, lax wildcards.
    """
    return Schema("extensions").errors(root)
