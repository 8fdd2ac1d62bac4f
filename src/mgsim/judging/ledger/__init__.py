"""The ledger of claims: what it says of each, as rows, text, pictures and a page."""
