"""What lessons are made of: answers, exercises, replies, pictures and a slider."""
