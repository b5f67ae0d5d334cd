"""Agent loop: bounded rounds of questions, tools and answers."""
