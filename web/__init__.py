"""What every edge shares: the gate, bodies, conditions, paging, errors, the log of requests. No noun is named here."""
