"""Whether the libraries that are installed fit together."""

from gcf_am.errors import ConfigError


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
