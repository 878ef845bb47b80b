"""What `gcf-homing plan` and `show` print."""

from rich.console import Console

from gcf_am.cli.homing_plans import plan_tables


def test_names_in_tables_and_urns_by_themselves() -> None:
    choice = {
        "candidate": {
            "candidate_id": "urn:publicid:IDN+b.example+node+pc1",
            "location_id": "urn:publicid:IDN+b.example+authority+am",
        }
    }
    urn = "urn:publicid:IDN+b.example+sliver+1"
    console = Console(width=80, record=True)
    console.print(
        plan_tables(
            {
                "name": "p",
                "status": "done",
                "id": "i",
                "message": "it is \x1b[31m reserved",
                "recommendations": [{"one": choice}, {"one": {"candidate": {"location_id": "x"}}}],
                "reservations": [
                    {"state": "released", "slivers": {"one": "urn:old"}},
                    {"state": "held", "slivers": {"one": urn}},
                ],
            }
        )
    )
    told = console.export_text()
    assert [line.split() for line in told.splitlines() if "pc1" in line] == [
        ["one", "pc1", "b.example"]
    ]
    assert f"one      {urn}" in told
    assert "urn:old" not in told
    assert "\x1b" not in told
