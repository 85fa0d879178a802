"""The daily report: made of what each room counts, kept, mailed and shown."""
