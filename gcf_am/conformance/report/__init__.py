"""What a run found, for people (a page) and for machines (JUnit, JSON).

What the aggregate answered is a stranger's text everywhere here.
"""
