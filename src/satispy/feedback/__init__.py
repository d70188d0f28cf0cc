"""What people say of a prediction that was wrong: corrections, and what became of them."""
