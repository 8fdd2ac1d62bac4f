"""What a sweep gives: a labelled data set, its parameters, and files that a user names."""
