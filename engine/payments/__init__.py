"""Money: rosters, their reconciliation, what the bank pays, monthly statistics; they know a session and no case."""
