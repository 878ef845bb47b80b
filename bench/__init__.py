"""What `make bench` measures, and how it tells.

client.py        prepared requests over TLS, from threads that cost little
race.py          calls and an echo of the same size by turns: the figures
echo.py          the echo: the same server with nothing behind it
house.py         installations that are measured
figures.py       what was measured, as JSON
calls.py, sizes.py, growth.py, lifecycle.py, workers.py, trust.py, steps.py, others.py
                 the parts
goals.py         what was wanted of it
run.py           all of it in one go
tables.py, pictures.py, document.py
                 results.md, the curves, and the tables within doc/performance.md

Figures of a machine that others use move, ratios less: everything is measured beside the echo.
"""
