"""What an author holds while writing a model, and what is noted of it, as frozen records."""
