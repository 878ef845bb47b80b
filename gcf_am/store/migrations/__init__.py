"""The store's schema, step by step; run by `gcf_am.store.upgrade` only."""
