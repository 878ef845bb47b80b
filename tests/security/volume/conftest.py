from tests.functional.manager.conftest import building, caller, empty_store, house

__all__ = ["building", "caller", "empty_store", "house"]
