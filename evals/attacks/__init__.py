"""Whole incidents in which somebody else's text asks for harm and the model obeys it; the world says what came of it."""
