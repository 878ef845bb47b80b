"""Where the files that come with the package lie, and whether its libraries fit together."""

import sys
from pathlib import Path

from gcf_am.errors import ConfigError


def shared_file(name: str) -> Path:
    """A file of the repository that is installed beside the package, e.g. `rspecs/site.xml`.

    In a checkout it lies beside the package, installed below `sys.prefix`.
    """
    for root in (Path(__file__).parents[2], Path(sys.prefix) / "share" / "gcf_am"):
        if (root / name).exists():
            return root / name
    raise ConfigError(f"{name} is missing from this installation; install gcf_am anew")


def check_libraries() -> None:
    """Raise ConfigError when lxml and xmlsec carry different libxml2 libraries.

    A tree that one library made is handed to the other; xmlsec refuses to load when they differ,
    with an error of a class of its own, which nobody can import, in words that help nobody.
    """
    from lxml import etree

    try:
        import xmlsec  # noqa: F401 - loading it is the check
    except Exception as error:
        version = ".".join(map(str, etree.LIBXML_VERSION))
        raise ConfigError(
            f"xmlsec does not fit lxml {etree.__version__} (libxml2 {version}): {error}. Install "
            "the tested pair: pip install --force-reinstall -c constraints.txt lxml xmlsec"
        ) from error
