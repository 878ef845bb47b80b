"""How Sphinx makes the site of these pages: `make doc`."""

import sys
from pathlib import Path

from gcf_am import __version__

sys.path.insert(0, str(Path(__file__).parent.parent))

project = "gcf_am"
author = "the developers of gcf_am"
release = __version__
html_title = f"gcf_am {release}"

extensions = ["myst_parser", "doc.linking", "doc.drawing"]
# the words for new specs are no page
exclude_patterns = ["specs/template.rst", "_build"]
# most blocks are what one types into a shell; those of another language name it
highlight_language = "text"
myst_heading_anchors = 3
# {term}`sliver` is the glossary's
myst_enable_extensions = ["colon_fence", "deflist"]
nitpicky = True

html_theme = "furo"
html_show_copyright = False
html_copy_source = False
# nothing on a page comes from elsewhere, and no page tells when it was made
html_last_updated_fmt = None
html_static_path = ["_static"]
html_css_files = ["site.css"]
