"""How an agent asks: bounded rounds of questions, tools and answers."""
