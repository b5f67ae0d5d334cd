"""Attacks: whole incidents in which text of others asks for harm and the model obeys it; the world shows the result."""
