"""What a folder says of its sweep: what was asked for, by whom, and what it holds."""
