"""From a template's text to what it says. Pure: no files, no network."""
