"""Ground that every noun stands on: database, errors, paging, ids, clock, events. It knows no noun."""
