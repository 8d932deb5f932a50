"""Forms of the office: what they ask, how an answer is checked, and the one language for conditions."""
