"""Big tasks cut into small ones: a Python function that asks tasks, played over many items and replayed after a crash.

The function is plain code between its questions. Each question is an item of that task's own run, known by the place in
the function where it was asked; so whoever plays the function again asks nothing twice and gets the same answers.
"""
