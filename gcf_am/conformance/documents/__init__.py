"""RSpecs as the kit reads and changes them; lxml is known here and in forging only."""
