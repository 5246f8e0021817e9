"""What is asked, where, of whom and until when."""
