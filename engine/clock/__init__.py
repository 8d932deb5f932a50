"""The statutory clock: which days count, how long a limit is, when it falls due and why."""
