"""What a requester changes in a run that is under way: its terms, its end, what becomes of it."""
