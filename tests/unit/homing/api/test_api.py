"""The REST of the Homing API, through WSGI alone. The numbers are those of its checklist.

Falcon's client puts wsgiref's validator before each call.
"""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any, cast

import pytest
from falcon import testing

from gcf_am.clock import SystemClock
from gcf_am.errors import ConfigError
from gcf_am.homing.api.access import Access, hash_password
from gcf_am.homing.api.application import make_wsgi
from gcf_am.homing.api.errors import BadRequest
from gcf_am.homing.api.resources import Desk
from gcf_am.homing.finding import Finding, TemplateErrors
from gcf_am.homing.plans.plan import Asked, Status
from gcf_am.homing.plans.repository import Plans

NOBODY = "11111111-1111-4111-8111-111111111111"
PASSWORDS = {name: hash_password(f"{name}s") for name in ("alice", "bob")}
CLIENT = {"wsgi.url_scheme": "https"}


def judge(asked: Asked) -> None:
    if asked.template == "stolen":
        raise BadRequest("-> credentials -> 0: not yours")
    if asked.template == "bad":
        raise TemplateErrors(
            [Finding(7, 5, "constraints.c.type", "no such type zome", "did you mean zone?"),
             Finding(2, 1, "demands", "is missing")]
        )  # fmt: skip
    if asked.template == "broken":
        raise RuntimeError("inner words")


class Strangers:
    """A verifier that is never asked: nobody here shows a certificate."""

    def caller(self, *_: object) -> object:
        raise AssertionError


def access(passwords: dict[str, str]) -> Access:
    return Access(cast("Any", Strangers()), SystemClock(), "gcf.local", passwords)


@pytest.fixture
def api(plans: Plans) -> testing.TestClient:
    return client(plans)


def client(plans: Plans, *, debug: bool = False, **more: Any) -> testing.TestClient:
    desk = Desk(plans, SystemClock(), judge, **more)
    return testing.TestClient(
        make_wsgi(desk, access(PASSWORDS), debug=debug), headers=signed("alice")
    )


def signed(name: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{name}:{name}s".encode()).decode()}


def new(api: testing.TestClient, **more: object) -> testing.Result:
    return api.simulate_post("/v1/plans", json={"template": "t", **more})


def error(answer: testing.Result, code: int, kind: str) -> str:
    """The explanation of an error document, which must be one (26)."""
    assert answer.status_code == code
    assert answer.headers["content-type"] == "application/json"
    told = answer.json
    assert {"title", "explanation", "code", "error"} <= told.keys() <= {
        "title", "explanation", "code", "error", "errors"}  # fmt: skip
    assert told["code"] == code
    assert told["error"].keys() == {"message", "type"}
    assert told["error"]["type"] == kind
    explanation = told["explanation"]
    assert isinstance(explanation, str)
    return explanation


def test_versions(api: testing.TestClient) -> None:
    """1, 2: a list, and links to where this server was asked."""
    answer = api.simulate_get(
        "/", headers={"Authorization": ""}, host="h.example", protocol="https"
    )
    (one,) = answer.json["versions"]
    assert one["id"] == "v1"
    assert one.keys() == {"id", "status", "updated", "media-types", "links"}
    assert [link["rel"] for link in one["links"]] == ["self", "describedby"]
    assert one["links"][0]["href"] == "https://h.example/v1"
    assert api.simulate_get("/v1").json["version"] == {
        **one, "links": [{**link, "href": link["href"].replace("https://h.example", "http://falconframework.org")}
                         for link in one["links"]]}  # fmt: skip


def test_a_plan_is_made_shown_listed_and_deleted(api: testing.TestClient) -> None:
    """3, 4, 5, 19, 21, 22."""
    answer = new(api)
    assert answer.status_code == 201
    plan = answer.json["plan"]
    here = f"http://falconframework.org/v1/plans/{plan['id']}"
    assert answer.headers["location"] == here
    assert plan["links"] == [{"href": here, "rel": "self"}]
    assert (plan["status"], plan["recommendations"]) == ("template", [])
    path = f"/v1/plans/{plan['id']}"
    assert api.simulate_get(path).json == {"plan": plan, "plans": [plan]}
    assert api.simulate_get("/v1/plans").json == {"plans": [plan]}
    gone = api.simulate_delete(path)
    assert (gone.status_code, gone.content) == (204, b"")
    error(api.simulate_delete(path), 404, "HTTPNotFound")
    error(api.simulate_get(path), 404, "HTTPNotFound")
    assert api.simulate_get("/v1/plans").json == {"plans": []}


def test_ids_and_names_are_taken_until_they_are_free(api: testing.TestClient) -> None:
    """6, 7, 8."""
    assert error(new(api, name="pl an"), 400, "HTTPBadRequest").startswith(
        "-> name -> pl an did not pass validation"
    )
    assert new(api, name="n", id=NOBODY).json["plan"]["id"] == NOBODY
    assert "name n" in error(new(api, name="n"), 409, "HTTPConflict")
    assert "id" in error(new(api, id=NOBODY), 409, "HTTPConflict")
    api.simulate_delete(f"/v1/plans/{NOBODY}")
    assert new(api, name="n", id=NOBODY).status_code == 201


def test_transactions_are_echoed(api: testing.TestClient) -> None:
    """9."""
    assert new(api, transaction_id="t1").json["plan"]["transaction_id"] == "t1"
    answer = api.simulate_post(
        "/v1/plans", json={"template": "t"}, headers={**signed("alice"), "transaction-id": "t2"}
    )
    assert answer.json["plan"]["transaction_id"] == "t2"


@pytest.mark.parametrize("prefer", ["wait=60", "respond-async, Wait = 60; x=y", "wait=1000"])
def test_who_prefers_to_wait_is_told_the_end(plans: Plans, prefer: str) -> None:
    """31: a worker, which begins when it is woken, ends the plan meanwhile."""

    def work() -> None:
        now = datetime.now(UTC)
        plan = plans.claim("w", now, timedelta(minutes=5))
        assert plan is not None
        plans.move(plan, "w", Status.ERROR, now, message="so be it")

    worker = Thread(target=work)
    answer = client(plans, wake=worker.start).simulate_post(
        "/v1/plans", json={"template": "t"}, headers={**signed("alice"), "Prefer": prefer}
    )
    worker.join()
    assert answer.status_code == 201
    plan = answer.json["plan"]
    assert (plan["status"], plan["message"]) == ("error", "so be it")


@pytest.mark.parametrize("prefer", ["wait=0", "wait=1", "wait=-1", "wait=soon", "wait", "await=60"])
def test_who_waits_in_vain_is_told_how_far_it_is(api: testing.TestClient, prefer: str) -> None:
    """31: nobody works here; what cannot be read is no preference."""
    answer = api.simulate_post(
        "/v1/plans", json={"template": "t"}, headers={**signed("alice"), "Prefer": prefer}
    )
    assert (answer.status_code, answer.json["plan"]["status"]) == (201, "template")


def test_template_url_is_off_unless_allowed(api: testing.TestClient, plans: Plans) -> None:
    """12."""
    body = {"template_url": "https://evil.example/t.yaml"}
    answer = api.simulate_post("/v1/plans", json=body)
    assert "not enabled" in error(answer, 400, "HTTPBadRequest")
    some = client(plans, template_hosts=("good.example",))
    for url in (body["template_url"], "http://good.example/", "https://good.example:22/",
                "https://u@good.example/", "https://good.example.evil.example/", "file:///x",
                "https://[::1/"):  # fmt: skip
        error(some.simulate_post("/v1/plans", json={"template_url": url}), 400, "HTTPBadRequest")


def test_a_body_that_is_too_large(api: testing.TestClient) -> None:
    """18."""
    answer = new(api, name="x" * 1024 * 1024)
    error(answer, 413, "HTTPRequestEntityTooLarge")
    assert error(api.simulate_post("/v1/plans", body="{"), 400, "HTTPBadRequest")


def test_all_that_is_wrong_with_a_template_is_told_at_once(api: testing.TestClient) -> None:
    """26, 42."""
    answer = new(api, template="bad")
    assert error(answer, 400, "HTTPBadRequest").startswith("line 2, column 1: demands")
    assert [(one["line"], one["path"]) for one in answer.json["errors"]] == [
        (2, "demands"), (7, "constraints.c.type")]  # fmt: skip


def test_late_errors_take_what_is_wrong(plans: Plans) -> None:
    late = client(plans, late_errors=True)
    assert new(late, template="bad").status_code == 201
    # but nothing else that is wrong
    error(new(late, template="stolen"), 400, "HTTPBadRequest")


@pytest.mark.filterwarnings("ignore:Unknown REQUEST_METHOD")
@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/", "GET, OPTIONS"),
        ("/v1/plans", "GET, POST, OPTIONS"),
        (f"/v1/plans/{NOBODY}", "GET, DELETE, OPTIONS"),
    ],
)
def test_methods(api: testing.TestClient, path: str, methods: str) -> None:
    """23, 24, 25, 29."""
    answer = api.simulate_options(path)
    assert (answer.status_code, answer.headers["allow"], answer.content) == (204, methods, b"")
    for verb in ("COPY", "FOO", "PUT", "TRACE", "HEAD"):
        answer = api.simulate_request(verb, path)
        assert answer.headers["allow"] == methods
        if verb == "HEAD":
            assert answer.status_code == 405
        else:
            said = error(answer, 405, "HTTPMethodNotAllowed")
            assert said == f"The {verb} method is not allowed."
        assert api.simulate_request(verb, path, headers={"Authorization": ""}).status_code == 401


@pytest.mark.parametrize("path", ["/v1/plans", f"/v1/plans/{NOBODY}", "/nothing"])
@pytest.mark.parametrize(
    "told", ["", "Basic", "Basic eA==", "Basic !", "Bearer x", "Basic " + "YWxpY2U6eA=="]
)
def test_strangers_learn_nothing(api: testing.TestClient, path: str, told: str) -> None:
    """27."""
    answer = api.simulate_get(path, headers={"Authorization": told})
    assert (answer.status_code, answer.text) == (401, "Authentication required")
    assert answer.headers["content-type"].startswith("text/plain")


def test_tracebacks_are_for_debugging(api: testing.TestClient, plans: Plans) -> None:
    """28."""
    answer = new(api, template="broken")
    assert "inner" not in answer.text
    error(answer, 500, "HTTPInternalServerError")
    told = new(client(plans, debug=True), template="broken").json["error"]["traceback"]
    assert "inner words" in told


def test_health_needs_no_name(api: testing.TestClient, plans: Plans) -> None:
    """30."""
    path = "/v1/plans/healthcheck"
    assert api.simulate_get(path, headers={"Authorization": ""}).json == {"status": "ok"}
    with plans.database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE homing_plans")
        connection.commit()
    error(api.simulate_get(path), 500, "HTTPInternalServerError")


def test_plans_of_others_are_not_there(api: testing.TestClient) -> None:
    """21, 32."""
    id_ = new(api).json["plan"]["id"]
    for answer in (
        api.simulate_get(f"/v1/plans/{id_}", headers=signed("bob")),
        api.simulate_delete(f"/v1/plans/{id_}", headers=signed("bob")),
    ):
        error(answer, 404, "HTTPNotFound")
    assert api.simulate_get("/v1/plans", headers=signed("bob")).json == {"plans": []}


@pytest.mark.parametrize("name", ["x", "%00", "..", "1" * 5000, "%ff"])
def test_what_is_no_plans_name(api: testing.TestClient, name: str) -> None:
    """20."""
    error(api.simulate_get(f"/v1/plans/{name}"), 404, "HTTPNotFound")


def test_what_takes_no_body_refuses_one(api: testing.TestClient) -> None:
    error(api.simulate_get("/", body="x"), 400, "HTTPBadRequest")
    error(api.simulate_delete(f"/v1/plans/{NOBODY}", body="x"), 400, "HTTPBadRequest")


def test_a_browser_gets_a_page(api: testing.TestClient) -> None:
    id_ = new(api, name="plan-of-mine").json["plan"]["id"]
    headers = {**signed("alice"), "Accept": "text/html,application/xml;q=0.9,*/*;q=0.8"}
    answer = api.simulate_get(f"/v1/plans/{id_}", headers=headers)
    assert answer.headers["content-type"].startswith("text/html")
    assert "<h1>Plan plan-of-mine</h1>" in answer.text


def test_passwords_that_are_none() -> None:
    with pytest.raises(ConfigError, match="alice in"):
        access({"alice": "plain"})


def test_what_is_told_of_a_moment_is_utc(api: testing.TestClient) -> None:
    told = new(api).json["plan"]["created"]
    assert datetime.fromisoformat(told).tzinfo == UTC
