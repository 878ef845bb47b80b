"""What makes the site of these pages: how Sphinx is set up, links, and drawings from the code."""
