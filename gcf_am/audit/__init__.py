"""The log of who did what: append-only rows, chained by hashes, from which the state follows.

`event` is what is written: each change in its own transaction, each call's end in batches. The
store's sealer gives committed rows their numbers and hashes (`row`); `chain` proves them, `replay`
rebuilds the state, `tenure` answers who held what, `lines` is the log as JSON lines.

Who reads the record, to try a policy on a past day, say, takes rows of the kind `change` from
`Log.rows`, in their order: `event.subject` is the sliver (or slice), `event.slice` and `uuid` the
slice, `event.caller` the user, `event.verb` the call; `replay.State.apply` turns them into what
stood at each moment, holds included. Rows of the kind `call` tell how each call ended and change
nothing. All of it does no I/O: rows are handed in.
"""
