"""Makes true what the verbs promised: wanted against observed, without a caller.

    loop       Reconciler: when to look for work, who works on it
    work       one lease: let the driver do what is to be done, and tell how it ended
    gathering  what ended together is written together
    pauses     when what failed is tried again, and when it is given up
    truth      what the driver observes, against what the store believes

Any number of reconcilers, in any number of processes, work on one store: a lease keeps them
apart, and what a stale one does or writes counts for nothing (decision 5).
"""

from gcf_am.reconciler.loop import Reconciler

__all__ = ["Reconciler"]
