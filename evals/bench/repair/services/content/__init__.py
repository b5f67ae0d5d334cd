"""Content: pages, menus and texts of a website."""
