"""The policies of the gateways that the tests put before the cluster."""

OPEN = """
[principals.agents]
issuer = "entra"
any = [{ groups = "sg-support" }]

[[rule]]
id = "objects"
principals = ["agents"]
targets = ["*"]
effect = "allow"
[rule.kubernetes]
verbs = ["*"]
resources = ["*/*/*"]
secrets = ["*"]
service-accounts = ["*"]
capabilities = ["SYS_PTRACE"]

[[rule]]
id = "what-is-destructive-or-decides-rights"
principals = ["agents"]
targets = ["*"]
effect = "allow"
[rule.kubernetes]
verbs = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"]
resources = [
    "authorization.k8s.io/selfsubjectaccessreviews", "authorization.k8s.io/selfsubjectrulesreviews",
    "authentication.k8s.io/selfsubjectreviews", "namespaces", "nodes",
    "pods/eviction", "configmaps", "secrets",
    "serviceaccounts", "serviceaccounts/token", "apps/deployments/scale", "scheduling.k8s.io/priorityclasses",
    "apiextensions.k8s.io/customresourcedefinitions", "certificates.k8s.io/certificatesigningrequests",
    "certificates.k8s.io/certificatesigningrequests/approval",
    "rbac.authorization.k8s.io/roles", "rbac.authorization.k8s.io/rolebindings",
    "rbac.authorization.k8s.io/clusterroles", "rbac.authorization.k8s.io/clusterrolebindings",
]

[[rule]]
id = "commands"
principals = ["agents"]
targets = ["*"]
effect = "allow"
[rule.kubernetes]
verbs = ["exec", "attach"]
resources = ["pods"]
argv = ["*", "sh"] # a shell is allowed only word for word
read = ["/**"]
write = ["/**"]
stdin = true
terminal = true

[[rule]]
id = "forwards"
principals = ["agents"]
targets = ["*"]
effect = "allow"
kubernetes = { verbs = ["portforward"], resources = ["pods"], ports = ["1-65535"] }

[[rule]]
id = "paths"
principals = ["agents"]
targets = ["*"]
effect = "allow"
kubernetes = { paths = ["/*"] }
"""
"""Everything that an allow can mean: what passes must pass unchanged."""

PLAIN = """
[principals.agents]
issuer = "entra"
any = [{ groups = "sg-support" }]

[[rule]]
id = "plain-objects"
principals = ["agents"]
targets = ["prod"]
effect = "allow"
kubernetes = { verbs = ["*"], resources = ["*/*"] }
"""
"""An agent that may write what asks for nothing that a rule has to name."""

CANARY = """
[principals.agents]
issuer = "entra"
any = [{ groups = "sg-support" }]

[[rule]]
id = "objects"
principals = ["agents"]
targets = ["prod"]
effect = "allow"
kubernetes = { verbs = ["*"], resources = ["*/*/*"], secrets = ["*"] }

[[rule]]
id = "many-at-once"
principals = ["agents"]
targets = ["prod"]
effect = "allow"
kubernetes = { verbs = ["delete", "deletecollection"], resources = ["secrets", "configmaps"] }

[[rule]]
id = "commands"
principals = ["agents"]
targets = ["prod"]
effect = "allow"
kubernetes = { verbs = ["exec", "attach"], resources = ["pods"], argv = ["*"], stdin = true }

[[mask]]
id = "tokens-in-settings"
targets = ["prod"]
kubernetes = { resources = ["configmaps"], paths = ["$.data.token"] }
"""
"""An agent that may do almost everything, so that masks alone stand between it and what is secret."""
