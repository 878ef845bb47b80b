"""What may be fetched: the Internet and what the operator names, and never what lies behind us."""

import ipaddress

import pytest

from gcf_am.drivers.host.origins import Origins, Target, is_global, target

LOCAL = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fd00::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "2001:db8::1",
    # what another address is written into
    "::ffff:127.0.0.1",
    "::127.0.0.1",
    "2002:7f00:1::",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::8.8.8.8",
]


@pytest.mark.parametrize("text", LOCAL)
def test_what_is_not_of_the_internet_is_refused(text: str) -> None:
    address = ipaddress.ip_address(text)
    assert not is_global(address)
    url = f"http://[{text}]/a" if address.version == 6 else f"http://{text}/a"
    with pytest.raises(ValueError, match="is not an address that is fetched from here"):
        Origins().target(url)


@pytest.mark.parametrize("text", ["8.8.8.8", "2606:4700::1", "64:ff9b::8.8.8.8", "2002:808:808::"])
def test_what_is_of_the_internet_may_be_fetched(text: str) -> None:
    address = ipaddress.ip_address(text)
    Origins().judge("http://files.test/a", address)
    with pytest.raises(ValueError, match="this machine's own"):
        Origins().judge("http://files.test/a", address, own=True)


def test_a_name_is_judged_by_its_address() -> None:
    found = Origins().target("https://Files.Test/a/b.tgz?x=1#part")
    assert found == Target(True, "files.test", 443, "/a/b.tgz?x=1")
    with pytest.raises(ValueError, match="127"):
        Origins().judge("https://files.test/a", ipaddress.ip_address("127.0.0.1"))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "http or https"),
        ("/etc/passwd", "http or https"),
        ("file:///etc/passwd", "http or https"),
        ("ftp://files.test/a", "http or https"),
        ("http:///a", "with a host"),
        ("http://files.test:99999/a", "port"),
        ("http://alice:secret@files.test/a", "without a login"),
        ("http://files.test/a b", "printable ASCII"),
        ("http://files.test/a\r\nHost: other", "printable ASCII"),
        ("http://f\u00fcr.test/a", "printable ASCII"),
    ],
)
def test_what_is_no_url_of_an_archive_is_refused(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        target(url)


def test_networks_and_beginnings_of_urls_widen_it() -> None:
    # 1. a network means addresses, whatever their names
    wide = Origins(("global", "10.9.0.0/16", "fd00::/8"))
    wide.judge("http://files.test/a", ipaddress.ip_address("10.9.8.7"), own=True)
    wide.target("http://[fd00::1]/a")
    with pytest.raises(ValueError, match=r"10\.8\.0\.1"):
        wide.target("http://10.8.0.1/a")
    # 2. a beginning means a name, whatever its addresses
    mirror = Origins(("http://mirror.test:8080/images",))
    for url in ("http://mirror.test:8080/images/a.tgz", "http://MIRROR.test:8080/images"):
        mirror.target(url)
        mirror.judge(url, ipaddress.ip_address("127.0.0.1"), own=True)
    # 3. and nothing beside it
    for url in (
        "https://mirror.test:8080/images/a.tgz",
        "http://mirror.test/images/a.tgz",
        "http://mirror.test.evil:8080/images/a.tgz",
        "http://mirror.test:8080/imagesque/a.tgz",
        "http://mirror.test:8080/images/../a.tgz",
        "http://mirror.test:8080/images/%2e%2e/a.tgz",
        "http://mirror.test:8080/images/%252e%252e%252fa.tgz",
        "http://mirror.test:8080//images/a.tgz",
    ):
        with pytest.raises(ValueError, match="not among those"):
            mirror.target(url)


def test_with_no_entry_nothing_is_fetched() -> None:
    with pytest.raises(ValueError, match="nothing is fetched here"):
        Origins(()).target("https://files.test/a")


@pytest.mark.parametrize("entry", ["everything", "10.0.0.1/8", "ftp://files.test/", "http://u@h/"])
def test_an_entry_that_is_none_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match=r"expected|neither"):
        Origins((entry,))
