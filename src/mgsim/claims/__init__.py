"""The evidence ledger: each claim of the source documents, a file or a line each."""
