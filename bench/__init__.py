"""Measures what has a number: CPU, statements, commits and bytes of a step, at the verb and over HTTP."""
