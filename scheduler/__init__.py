"""Wakes what is due: deadlines and failed topics. Knows APScheduler; the engine does the work."""
