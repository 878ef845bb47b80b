"""`python -m bench`: how fast the aggregate answers, beside an XML-RPC echo on the same server."""

from bench.run import main

main()
