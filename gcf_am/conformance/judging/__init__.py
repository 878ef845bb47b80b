"""Judgments: each function takes what came back and tells its faults, empty when there are none.

They ask nobody, so that they can be shown wrong documents.
"""
