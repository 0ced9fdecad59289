//! What the API server takes a request to be, by the table of its own test and by what it is known to answer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use narrows_wire::kubernetes::{ApiCall, Header};

const WEBSOCKET: [Header<'static>; 2] = [("Connection", b"Upgrade"), ("Upgrade", b"websocket")];

/// Method and path; then verb, group, version, namespace, resource, subresource, name and parts.
const RESOURCES: &str = "
# Collections and objects.
GET    /api/v1/namespaces                         list             -     v1      - namespaces -        - namespaces
GET    /api/v1/namespaces/a                       get              -     v1      a namespaces -        a namespaces/a
DELETE /api/v1/namespaces/a                       delete           -     v1      a namespaces -        a namespaces/a
GET    /api/v1/namespaces/a/pods                  list             -     v1      a pods       -        - pods
GET    /api/v1/namespaces/a/pods/p                get              -     v1      a pods       -        p pods/p
HEAD   /api/v1/namespaces/a/pods/p                get              -     v1      a pods       -        p pods/p
GET    /api/v1/pods                               list             -     v1      - pods       -        - pods
HEAD   /api/v1/pods                               list             -     v1      - pods       -        - pods
GET    /api/v1/nodes/n                            get              -     v1      - nodes      -        n nodes/n
# Verbs before the resource.
GET    /api/v1/proxy/namespaces/a/pods/p          proxy            -     v1      a pods       -        p pods/p
GET    /api/v1/proxy/namespaces/a/pods/p/b/c      proxy            -     v1      a pods       -        p pods/p/b/c
POST   /api/v1/proxy/nodes/n/exec                 proxy            -     v1      - nodes      -        n nodes/n/exec
GET    /api/v1/watch/pods                         watch            -     v1      - pods       -        - pods
GET    /api/v1/watch/namespaces/a/secrets         watch            -     v1      a secrets    -        - secrets
GET    /api/v1/watch/namespaces/a/secrets/s       watch            -     v1      a secrets    -        s secrets/s
GET    /apis/g/v1/watch/things                    watch            g     v1      - things     -        - things
DELETE /api/v1/watch/pods                         watch            -     v1      - pods       -        - pods
# Watches by parameter.
GET    /api/v1/pods?watch=true                    watch            -     v1      - pods       -        - pods
GET    /api/v1/pods?watch=false                   list             -     v1      - pods       -        - pods
GET    /api/v1/namespaces/a/pods?watch=1          watch            -     v1      a pods       -        - pods
GET    /api/v1/namespaces/a/pods?watch=0          list             -     v1      a pods       -        - pods
GET    /api/v1/namespaces/a/secrets?watch=        watch            -     v1      a secrets    -        - secrets
GET    /api/v1/namespaces/a/secrets?watch=yes     watch            -     v1      a secrets    -        - secrets
GET    /api/v1/namespaces/a/secrets?watch=False   list             -     v1      a secrets    -        - secrets
GET    /api/v1/namespaces/a/secrets/s?watch=1     get              -     v1      a secrets    -        s secrets/s
POST   /api/v1/namespaces/a/pods?watch=1          create           -     v1      a pods       -        - pods
# Subresources.
GET    /api/v1/namespaces/a/pods/p/status         get              -     v1      a pods       status   p pods/p/status
GET    /api/v1/namespaces/a/pods/p/log            get              -     v1      a pods       log      p pods/p/log
GET    /api/v1/namespaces/a/pods/p/proxy/sub/path get              -     v1      a pods       proxy    p pods/p/proxy/sub/path
PUT    /api/v1/namespaces/a/finalize              update           -     v1      a namespaces finalize a namespaces/a/finalize
PUT    /api/v1/namespaces/a/status                update           -     v1      a namespaces status   a namespaces/a/status
GET    /api/v1/namespaces/a/status/x              get              -     v1      a namespaces status   a namespaces/a/status/x
# Verbs by method.
PATCH  /api/v1/namespaces/a/pods/p                patch            -     v1      a pods       -        p pods/p
PUT    /api/v1/namespaces/a/pods/p                update           -     v1      a pods       -        p pods/p
DELETE /api/v1/namespaces/a/pods/p                delete           -     v1      a pods       -        p pods/p
POST   /api/v1/namespaces/a/pods                  create           -     v1      a pods       -        - pods
POST   /api/v1/namespaces/a/pods/p/eviction       create           -     v1      a pods       eviction p pods/p/eviction
DELETE /api/v1/nodes                              deletecollection -     v1      - nodes      -        - nodes
DELETE /api/v1/namespaces                         deletecollection -     v1      - namespaces -        - namespaces
DELETE /api/v1/namespaces/a/pods                  deletecollection -     v1      a pods       -        - pods
DELETE /apis/g/v1/namespaces/a/pods               deletecollection g     v1      a pods       -        - pods
# Groups and versions.
POST   /apis/g/v1beta3/namespaces/a/pods          create           g     v1beta3 a pods       -        - pods
GET    /apis/batch/v1/jobs/j/scale                get              batch v1      - jobs       scale    j jobs/j/scale
GET    /apis/g/v1/namespaces                      list             g     v1      - namespaces -        - namespaces
";

fn read(method: &str, path: &str) -> ApiCall {
    let headers: &[Header<'_>] = match method {
        "PATCH" => &[("content-type", b"application/merge-patch+json")],
        _ => &[],
    };
    ApiCall::read(method, &format!("/clusters/prod{path}"), headers)
        .unwrap_or_else(|status| panic!("{method} {path}: {status}"))
}

/// Verb, group, version, namespace, resource, subresource, name, and the parts with slashes between them.
fn attributes(call: &ApiCall) -> [String; 8] {
    [
        call.server_verb.as_str(),
        &call.group,
        &call.version,
        &call.namespace,
        &call.resource,
        &call.subresource,
        &call.name,
        &call.parts.join("/"),
    ]
    .map(str::to_owned)
}

#[test]
fn resources_are_told_apart_as_the_api_server_does() {
    for line in RESOURCES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let words: Vec<&str> =
            line.split_whitespace().map(|word| if word == "-" { "" } else { word }).collect();
        let call = read(words[0], words[1]);
        assert!(call.resource_request, "{line}");
        assert_eq!(attributes(&call)[..], words[2..], "{line}");
    }
}

#[test]
fn a_field_selector_may_name_the_object() {
    let table = [
        ("GET", "/apis/g/v1/things", "list", ""),
        ("GET", "/apis/g/v1/things?fieldSelector=metadata.name=a", "list", "a"),
        ("GET", "/apis/g/v1/things?watch=true&fieldSelector=metadata.name%3D%3Da", "watch", "a"),
        ("GET", "/apis/g/v1/things?fieldSelector=foo=bar&labelSelector=baz=qux", "list", ""),
        ("GET", "/apis/g/v1/things?fieldSelector=metadata.name=a,foo", "list", ""),
        ("GET", "/apis/g/v1/things?fieldSelector=metadata.name=a,foo&watch=true", "watch", ""),
        ("GET", "/apis/g/v1/things?fieldSelector=metadata.name=a,foo&watch=false", "list", ""),
        ("GET", "/apis/g/v1/things?fieldSelector=metadata.name=a&limit=x", "list", ""),
        ("DELETE", "/apis/g/v1/things?fieldSelector=metadata.name=a", "deletecollection", ""),
        ("GET", "/apis/g/v1/things/b?fieldSelector=metadata.name=a", "get", "b"),
        ("GET", "/apis/g/v1/watch/things?fieldSelector=metadata.name=a", "watch", ""),
        ("GET", "/apis/g/v1/watch/things/b?fieldSelector=metadata.name=a", "watch", "b"),
    ];
    for (method, path, verb, name) in table {
        let call = read(method, path);
        assert_eq!((call.server_verb.as_str(), call.name.as_str()), (verb, name), "{method} {path}");
    }
}

#[test]
fn what_is_no_resource_has_the_method_for_a_verb() {
    let paths = [
        "",
        "/",
        "/version",
        "/version/",
        "/healthz/etcd",
        "/metrics",
        "/api",
        "/api/v1",
        "/api/v1/",
        "/apis",
        "/apis/apps",
        "/apis/apps/v1",
        "/apis/apps/v1/",
        "/openapi/v3/apis/apps/v1",
        "/logs/a/b/c",
        "/API/v1/pods",
        "/other/v1/pods/p",
    ];
    for path in paths {
        for (method, verb) in [("GET", "get"), ("HEAD", "head"), ("POST", "post"), ("PUT", "put")] {
            let call = read(method, path);
            assert!(!call.resource_request, "{path}");
            let nothing = String::new;
            let expected = [
                verb.to_owned(),
                nothing(),
                nothing(),
                nothing(),
                nothing(),
                nothing(),
                nothing(),
                nothing(),
            ];
            assert_eq!(attributes(&call), expected, "{path}");
        }
    }
}

#[test]
fn a_path_that_ends_at_a_prefix_verb_is_refused() {
    for path in ["/api/v1/watch", "/api/v1/watch/", "/api/v1/proxy", "/apis/g/v1/watch"] {
        assert_eq!(
            ApiCall::read("GET", &format!("/clusters/prod{path}"), &[]).unwrap_err().code(),
            400,
            "{path}"
        );
    }
}

#[test]
fn streams_and_proxies_have_verbs_of_their_own() {
    let pod = "/clusters/prod/api/v1/namespaces/a/pods/p";
    for subresource in ["exec", "attach", "portforward"] {
        let call = ApiCall::read("GET", &format!("{pod}/{subresource}"), &WEBSOCKET).unwrap();
        assert_eq!((call.verb.as_str(), call.server_verb.as_str()), (subresource, "get"));
        let spdy: [Header<'_>; 2] = [("Connection", b"upgrade"), ("Upgrade", b"SPDY/3.1")];
        let call = ApiCall::read("POST", &format!("{pod}/{subresource}"), &spdy).unwrap();
        assert_eq!((call.verb.as_str(), call.server_verb.as_str()), (subresource, "create"));
    }
    for path in
        ["namespaces/a/pods/p/proxy", "namespaces/a/services/s:80/proxy/x", "nodes/n/proxy", "proxy/nodes/n"]
    {
        for method in ["GET", "POST"] {
            assert_eq!(read(method, &format!("/api/v1/{path}")).verb.as_str(), "proxy", "{method} {path}");
        }
    }
    // The slash matters to what is behind the proxy, and to the API server it does not.
    assert!(read("GET", "/api/v1/nodes/n/proxy/").path.ends_with("/proxy/"));
    assert!(read("GET", "/api/v1/nodes/n/").path.ends_with("/nodes/n"));
}
