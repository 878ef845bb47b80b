"""An element alone: the same text each time it is read and written."""

import pytest

from gcf_am.rspec.canonical import alone, indent, tree_of
from gcf_am.rspec.names import RSPEC
from gcf_am.safexml import parse


@pytest.mark.parametrize(
    "inside",
    [
        "<!-- a < b & c > d -->",
        "<!--&lt;&amp;lt;&#xD;-->",
        "<?hint a < b & c > d?>",
        "<?hint &lt;&amp;lt;&#xD; ?>",
        '<x at="--> ?> &lt;!-- &amp;lt;">&lt;!-- &amp;lt; --&gt;</x>',
        "<x>a<!-- & -->b<?c &?>d &#13;</x>",
        "<![CDATA[<!-- & -->]]>",
    ],
)
def test_what_is_written_and_read_again_is_the_same(inside: str) -> None:
    root = parse(f"<a>{inside}</a>")
    text = alone(root)
    again = tree_of(text)
    assert alone(again) == text
    assert [(str(one.tag), one.text, one.tail) for one in again.iter()] == [
        (str(one.tag), one.text, one.tail) for one in root.iter()
    ]


def test_a_comment_alone_stays_alone() -> None:
    """In a component_manager not even space may stand."""
    text = f'<link xmlns="{RSPEC}"><component_manager name="a"><!--c--></component_manager></link>'
    root = parse(text)
    indent(root)
    assert root[0].text is None
    assert root[0][0].tail is None
