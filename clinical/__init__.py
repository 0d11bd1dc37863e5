"""What is true in psychiatry: definitions, scales, formulary, and the questions asked of a history. No HTTP, no SQL."""
