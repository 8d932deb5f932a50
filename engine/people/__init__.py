"""Units, accounts, posts, the places of a case, and who may see and do what."""
