"""The user's data: tables in any form, read as items of a task, with known answers, drafts and notes."""
