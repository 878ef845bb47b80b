"""What answers XML-RPC: dispatch, authorisation, and a handler for each method.

endpoint.py     one aggregate at one URL
binding.py      handlers are bound to declarations and checked against them
handlers_v3.py  version 3's handlers
handlers_v2.py  version 2's handlers
authorizer.py   a call's grant
dispatch.py     bytes to bytes: the one catcher
server.py       the routes, for gcf_am.xmlrpc.server
"""
