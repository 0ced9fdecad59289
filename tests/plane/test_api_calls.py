"""Requests to a cluster are read for policy's explanations as the data plane reads them."""

import pytest

from narrows._core import read_api_call


def test_a_request_is_read_as_the_data_plane_reads_it() -> None:
    uri = "/clusters/prod/apis/apps/v1/namespaces/shop-a/%64eployments/web/scale?dryRun=All"
    call = read_api_call("PATCH", uri, [("Content-Type", "application/merge-patch+json; charset=utf-8")])
    assert (call.target, call.method, call.verb, call.server_verb) == ("prod", "PATCH", "patch", "patch")
    assert (call.resource_request, call.group, call.version) == (True, "apps", "v1")
    assert (call.resource, call.subresource) == ("deployments", "scale")
    assert (call.namespace, call.name) == ("shop-a", "web")
    assert call.parts == ["deployments", "web", "scale"]
    assert call.path == "/apis/apps/v1/namespaces/shop-a/deployments/web/scale?dryRun=All"
    assert call.query == [("dryRun", "All")]
    assert (call.content_type, call.upgrade) == ("application/merge-patch+json", "")


def test_a_stream_has_a_verb_of_its_own() -> None:
    uri = "/clusters/prod/api/v1/namespaces/a/pods/web/exec?command=ls&command=-l"
    call = read_api_call("POST", uri, [("connection", "Upgrade"), ("upgrade", "SPDY/3.1")])
    assert (call.verb, call.server_verb, call.upgrade) == ("exec", "create", "spdy")
    assert call.query == [("command", "ls"), ("command", "-l")]


@pytest.mark.parametrize(
    ("method", "uri", "code"),
    [
        ("GET", "/clusters/prod/api/v1/secrets%2fs1", "400"),
        ("GET", "/api/v1/secrets", "404"),
        ("TRACE", "/clusters/prod/api", "405"),
        ("PATCH", "/clusters/prod/api/v1/namespaces/a/pods/web", "415"),
    ],
)
def test_what_the_data_plane_refuses_is_an_error(method: str, uri: str, code: str) -> None:
    with pytest.raises(ValueError, match=f"^{code} "):
        read_api_call(method, uri)
