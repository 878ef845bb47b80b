"""Homing: where the demands of a template should live.

Three steps, and what they hand to each other (`terms`, `stock`, `solution`):

    read_template(text, parameters=, files=) -> Template    template.reading; pure
    gather(template, inventories, controllers, context, seats) -> Stock    inventory.gather
    solve(template, stock, limit=, budget=) -> Solution    solve.solving; pure, in a process of its own

Source: ONAP Conductor, Homing API v1 and template guide.
"""
