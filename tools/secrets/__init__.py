"""Takes secrets out of what is recorded, shown or asked."""
