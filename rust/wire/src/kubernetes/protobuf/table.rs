//! The fields of every kind that can be written in protobuf. Made by tests/cluster/server/cmd/table; do not edit.

use super::schema::{
    Arity::{Many, Map, One, Sparse},
    Field, Kind, Message,
    Value::{Alternatives, Bool, Bytes, Double, Int32, Int64, Inlined, IntOrString, Json, MicroTime, Nested, Quantity, Text, Texts, Time},
};

/// The version of Kubernetes whose kinds these are.
pub(super) const KUBERNETES: &str = "1.36.3";

/// In order of their versions and names.
pub(super) static KINDS: &[Kind] = &[
    Kind("admissionregistration.k8s.io/v1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy", &ADMISSIONREGISTRATION_V1_MUTATING_ADMISSION_POLICY),
    Kind("admissionregistration.k8s.io/v1", "MutatingAdmissionPolicyBinding", &ADMISSIONREGISTRATION_V1_MUTATING_ADMISSION_POLICY_BINDING),
    Kind("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", &ADMISSIONREGISTRATION_V1_MUTATING_WEBHOOK_CONFIGURATION),
    Kind("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", &ADMISSIONREGISTRATION_V1_VALIDATING_ADMISSION_POLICY),
    Kind("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", &ADMISSIONREGISTRATION_V1_VALIDATING_ADMISSION_POLICY_BINDING),
    Kind("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", &ADMISSIONREGISTRATION_V1_VALIDATING_WEBHOOK_CONFIGURATION),
    Kind("admissionregistration.k8s.io/v1alpha1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("admissionregistration.k8s.io/v1alpha1", "MutatingAdmissionPolicy", &ADMISSIONREGISTRATION_V1ALPHA1_MUTATING_ADMISSION_POLICY),
    Kind("admissionregistration.k8s.io/v1alpha1", "MutatingAdmissionPolicyBinding", &ADMISSIONREGISTRATION_V1ALPHA1_MUTATING_ADMISSION_POLICY_BINDING),
    Kind("admissionregistration.k8s.io/v1beta1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicy", &ADMISSIONREGISTRATION_V1BETA1_MUTATING_ADMISSION_POLICY),
    Kind("admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicyBinding", &ADMISSIONREGISTRATION_V1BETA1_MUTATING_ADMISSION_POLICY_BINDING),
    Kind("apiextensions.k8s.io/v1", "CustomResourceDefinition", &APIEXTENSIONS_V1_CUSTOM_RESOURCE_DEFINITION),
    Kind("apiextensions.k8s.io/v1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("apiregistration.k8s.io/v1", "APIService", &APIREGISTRATION_V1_API_SERVICE),
    Kind("apiregistration.k8s.io/v1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("apps/v1", "ControllerRevision", &APPS_V1_CONTROLLER_REVISION),
    Kind("apps/v1", "DaemonSet", &APPS_V1_DAEMON_SET),
    Kind("apps/v1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("apps/v1", "Deployment", &APPS_V1_DEPLOYMENT),
    Kind("apps/v1", "ReplicaSet", &APPS_V1_REPLICA_SET),
    Kind("apps/v1", "StatefulSet", &APPS_V1_STATEFUL_SET),
    Kind("apps/v1beta1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("apps/v1beta2", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("authentication.k8s.io/v1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("authentication.k8s.io/v1", "SelfSubjectReview", &AUTHENTICATION_V1_SELF_SUBJECT_REVIEW),
    Kind("authentication.k8s.io/v1", "TokenRequest", &AUTHENTICATION_V1_TOKEN_REQUEST),
    Kind("authentication.k8s.io/v1", "TokenReview", &AUTHENTICATION_V1_TOKEN_REVIEW),
    Kind("authentication.k8s.io/v1alpha1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("authentication.k8s.io/v1beta1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("authorization.k8s.io/v1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("authorization.k8s.io/v1", "LocalSubjectAccessReview", &AUTHORIZATION_V1_LOCAL_SUBJECT_ACCESS_REVIEW),
    Kind("authorization.k8s.io/v1", "SelfSubjectAccessReview", &AUTHORIZATION_V1_SELF_SUBJECT_ACCESS_REVIEW),
    Kind("authorization.k8s.io/v1", "SelfSubjectRulesReview", &AUTHORIZATION_V1_SELF_SUBJECT_RULES_REVIEW),
    Kind("authorization.k8s.io/v1", "SubjectAccessReview", &AUTHORIZATION_V1_SUBJECT_ACCESS_REVIEW),
    Kind("authorization.k8s.io/v1beta1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("autoscaling/v1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("autoscaling/v1", "HorizontalPodAutoscaler", &AUTOSCALING_V1_HORIZONTAL_POD_AUTOSCALER),
    Kind("autoscaling/v1", "Scale", &AUTOSCALING_V1_SCALE),
    Kind("autoscaling/v2", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("autoscaling/v2", "HorizontalPodAutoscaler", &AUTOSCALING_V2_HORIZONTAL_POD_AUTOSCALER),
    Kind("batch/v1", "CronJob", &BATCH_V1_CRON_JOB),
    Kind("batch/v1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("batch/v1", "Job", &BATCH_V1_JOB),
    Kind("batch/v1beta1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("certificates.k8s.io/v1", "CertificateSigningRequest", &CERTIFICATES_V1_CERTIFICATE_SIGNING_REQUEST),
    Kind("certificates.k8s.io/v1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("certificates.k8s.io/v1alpha1", "ClusterTrustBundle", &CERTIFICATES_V1ALPHA1_CLUSTER_TRUST_BUNDLE),
    Kind("certificates.k8s.io/v1alpha1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("certificates.k8s.io/v1beta1", "ClusterTrustBundle", &CERTIFICATES_V1BETA1_CLUSTER_TRUST_BUNDLE),
    Kind("certificates.k8s.io/v1beta1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("certificates.k8s.io/v1beta1", "PodCertificateRequest", &CERTIFICATES_V1BETA1_POD_CERTIFICATE_REQUEST),
    Kind("coordination.k8s.io/v1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("coordination.k8s.io/v1", "Lease", &COORDINATION_V1_LEASE),
    Kind("coordination.k8s.io/v1alpha2", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("coordination.k8s.io/v1alpha2", "LeaseCandidate", &COORDINATION_V1ALPHA2_LEASE_CANDIDATE),
    Kind("coordination.k8s.io/v1beta1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("coordination.k8s.io/v1beta1", "LeaseCandidate", &COORDINATION_V1BETA1_LEASE_CANDIDATE),
    Kind("discovery.k8s.io/v1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("discovery.k8s.io/v1", "EndpointSlice", &DISCOVERY_V1_ENDPOINT_SLICE),
    Kind("discovery.k8s.io/v1beta1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("events.k8s.io/v1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("events.k8s.io/v1", "Event", &EVENTS_V1_EVENT),
    Kind("events.k8s.io/v1beta1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("extensions/v1beta1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("flowcontrol.apiserver.k8s.io/v1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("flowcontrol.apiserver.k8s.io/v1", "FlowSchema", &FLOWCONTROL_V1_FLOW_SCHEMA),
    Kind("flowcontrol.apiserver.k8s.io/v1", "PriorityLevelConfiguration", &FLOWCONTROL_V1_PRIORITY_LEVEL_CONFIGURATION),
    Kind("flowcontrol.apiserver.k8s.io/v1beta1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("flowcontrol.apiserver.k8s.io/v1beta2", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("flowcontrol.apiserver.k8s.io/v1beta3", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("internal.apiserver.k8s.io/v1alpha1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("internal.apiserver.k8s.io/v1alpha1", "StorageVersion", &APISERVERINTERNAL_V1ALPHA1_STORAGE_VERSION),
    Kind("networking.k8s.io/v1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("networking.k8s.io/v1", "IPAddress", &NETWORKING_V1_IP_ADDRESS),
    Kind("networking.k8s.io/v1", "Ingress", &NETWORKING_V1_INGRESS),
    Kind("networking.k8s.io/v1", "IngressClass", &NETWORKING_V1_INGRESS_CLASS),
    Kind("networking.k8s.io/v1", "NetworkPolicy", &NETWORKING_V1_NETWORK_POLICY),
    Kind("networking.k8s.io/v1", "ServiceCIDR", &NETWORKING_V1_SERVICE_CIDR),
    Kind("networking.k8s.io/v1beta1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("networking.k8s.io/v1beta1", "IPAddress", &NETWORKING_V1BETA1_IP_ADDRESS),
    Kind("networking.k8s.io/v1beta1", "ServiceCIDR", &NETWORKING_V1BETA1_SERVICE_CIDR),
    Kind("node.k8s.io/v1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("node.k8s.io/v1", "RuntimeClass", &NODE_V1_RUNTIME_CLASS),
    Kind("node.k8s.io/v1alpha1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("node.k8s.io/v1alpha1", "RuntimeClass", &NODE_V1ALPHA1_RUNTIME_CLASS),
    Kind("node.k8s.io/v1beta1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("policy/v1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("policy/v1", "Eviction", &POLICY_V1_EVICTION),
    Kind("policy/v1", "PodDisruptionBudget", &POLICY_V1_POD_DISRUPTION_BUDGET),
    Kind("policy/v1beta1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("rbac.authorization.k8s.io/v1", "ClusterRole", &RBAC_V1_CLUSTER_ROLE),
    Kind("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", &RBAC_V1_CLUSTER_ROLE_BINDING),
    Kind("rbac.authorization.k8s.io/v1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("rbac.authorization.k8s.io/v1", "Role", &RBAC_V1_ROLE),
    Kind("rbac.authorization.k8s.io/v1", "RoleBinding", &RBAC_V1_ROLE_BINDING),
    Kind("rbac.authorization.k8s.io/v1alpha1", "ClusterRole", &RBAC_V1ALPHA1_CLUSTER_ROLE),
    Kind("rbac.authorization.k8s.io/v1alpha1", "ClusterRoleBinding", &RBAC_V1ALPHA1_CLUSTER_ROLE_BINDING),
    Kind("rbac.authorization.k8s.io/v1alpha1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("rbac.authorization.k8s.io/v1alpha1", "Role", &RBAC_V1ALPHA1_ROLE),
    Kind("rbac.authorization.k8s.io/v1alpha1", "RoleBinding", &RBAC_V1ALPHA1_ROLE_BINDING),
    Kind("rbac.authorization.k8s.io/v1beta1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("resource.k8s.io/v1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("resource.k8s.io/v1", "DeviceClass", &RESOURCE_V1_DEVICE_CLASS),
    Kind("resource.k8s.io/v1", "ResourceClaim", &RESOURCE_V1_RESOURCE_CLAIM),
    Kind("resource.k8s.io/v1", "ResourceClaimTemplate", &RESOURCE_V1_RESOURCE_CLAIM_TEMPLATE),
    Kind("resource.k8s.io/v1", "ResourceSlice", &RESOURCE_V1_RESOURCE_SLICE),
    Kind("resource.k8s.io/v1alpha3", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("resource.k8s.io/v1alpha3", "DeviceTaintRule", &RESOURCE_V1ALPHA3_DEVICE_TAINT_RULE),
    Kind("resource.k8s.io/v1alpha3", "ResourcePoolStatusRequest", &RESOURCE_V1ALPHA3_RESOURCE_POOL_STATUS_REQUEST),
    Kind("resource.k8s.io/v1beta1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("resource.k8s.io/v1beta1", "DeviceClass", &RESOURCE_V1BETA1_DEVICE_CLASS),
    Kind("resource.k8s.io/v1beta1", "ResourceClaim", &RESOURCE_V1BETA1_RESOURCE_CLAIM),
    Kind("resource.k8s.io/v1beta1", "ResourceClaimTemplate", &RESOURCE_V1BETA1_RESOURCE_CLAIM_TEMPLATE),
    Kind("resource.k8s.io/v1beta1", "ResourceSlice", &RESOURCE_V1BETA1_RESOURCE_SLICE),
    Kind("resource.k8s.io/v1beta2", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("resource.k8s.io/v1beta2", "DeviceClass", &RESOURCE_V1BETA2_DEVICE_CLASS),
    Kind("resource.k8s.io/v1beta2", "DeviceTaintRule", &RESOURCE_V1BETA2_DEVICE_TAINT_RULE),
    Kind("resource.k8s.io/v1beta2", "ResourceClaim", &RESOURCE_V1BETA2_RESOURCE_CLAIM),
    Kind("resource.k8s.io/v1beta2", "ResourceClaimTemplate", &RESOURCE_V1BETA2_RESOURCE_CLAIM_TEMPLATE),
    Kind("resource.k8s.io/v1beta2", "ResourceSlice", &RESOURCE_V1BETA2_RESOURCE_SLICE),
    Kind("scheduling.k8s.io/v1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("scheduling.k8s.io/v1", "PriorityClass", &SCHEDULING_V1_PRIORITY_CLASS),
    Kind("scheduling.k8s.io/v1alpha2", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("scheduling.k8s.io/v1alpha2", "PodGroup", &SCHEDULING_V1ALPHA2_POD_GROUP),
    Kind("scheduling.k8s.io/v1alpha2", "Workload", &SCHEDULING_V1ALPHA2_WORKLOAD),
    Kind("scheduling.k8s.io/v1beta1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("storage.k8s.io/v1", "CSIDriver", &STORAGE_V1_CSI_DRIVER),
    Kind("storage.k8s.io/v1", "CSINode", &STORAGE_V1_CSI_NODE),
    Kind("storage.k8s.io/v1", "CSIStorageCapacity", &STORAGE_V1_CSI_STORAGE_CAPACITY),
    Kind("storage.k8s.io/v1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("storage.k8s.io/v1", "StorageClass", &STORAGE_V1_STORAGE_CLASS),
    Kind("storage.k8s.io/v1", "VolumeAttachment", &STORAGE_V1_VOLUME_ATTACHMENT),
    Kind("storage.k8s.io/v1", "VolumeAttributesClass", &STORAGE_V1_VOLUME_ATTRIBUTES_CLASS),
    Kind("storage.k8s.io/v1alpha1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("storage.k8s.io/v1beta1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("storage.k8s.io/v1beta1", "VolumeAttributesClass", &STORAGE_V1BETA1_VOLUME_ATTRIBUTES_CLASS),
    Kind("storagemigration.k8s.io/v1beta1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("storagemigration.k8s.io/v1beta1", "StorageVersionMigration", &STORAGEMIGRATION_V1BETA1_STORAGE_VERSION_MIGRATION),
    Kind("v1", "Binding", &CORE_V1_BINDING),
    Kind("v1", "ComponentStatus", &CORE_V1_COMPONENT_STATUS),
    Kind("v1", "ConfigMap", &CORE_V1_CONFIG_MAP),
    Kind("v1", "DeleteOptions", &META_V1_DELETE_OPTIONS),
    Kind("v1", "Endpoints", &CORE_V1_ENDPOINTS),
    Kind("v1", "Event", &CORE_V1_EVENT),
    Kind("v1", "LimitRange", &CORE_V1_LIMIT_RANGE),
    Kind("v1", "Namespace", &CORE_V1_NAMESPACE),
    Kind("v1", "Node", &CORE_V1_NODE),
    Kind("v1", "PersistentVolume", &CORE_V1_PERSISTENT_VOLUME),
    Kind("v1", "PersistentVolumeClaim", &CORE_V1_PERSISTENT_VOLUME_CLAIM),
    Kind("v1", "Pod", &CORE_V1_POD),
    Kind("v1", "PodStatusResult", &CORE_V1_POD_STATUS_RESULT),
    Kind("v1", "PodTemplate", &CORE_V1_POD_TEMPLATE),
    Kind("v1", "RangeAllocation", &CORE_V1_RANGE_ALLOCATION),
    Kind("v1", "ReplicationController", &CORE_V1_REPLICATION_CONTROLLER),
    Kind("v1", "ResourceQuota", &CORE_V1_RESOURCE_QUOTA),
    Kind("v1", "Secret", &CORE_V1_SECRET),
    Kind("v1", "Service", &CORE_V1_SERVICE),
    Kind("v1", "ServiceAccount", &CORE_V1_SERVICE_ACCOUNT),
];

static ADMISSIONREGISTRATION_V1ALPHA1_APPLY_CONFIGURATION: Message = Message(&[
    Field(1, "expression", Sparse, Text),
]);

static ADMISSIONREGISTRATION_V1ALPHA1_JSON_PATCH: Message = Message(&[
    Field(1, "expression", Sparse, Text),
]);

static ADMISSIONREGISTRATION_V1ALPHA1_MATCH_CONDITION: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "expression", One, Text),
]);

static ADMISSIONREGISTRATION_V1ALPHA1_MATCH_RESOURCES: Message = Message(&[
    Field(1, "namespaceSelector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(2, "objectSelector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(3, "resourceRules", Many, Nested(&ADMISSIONREGISTRATION_V1ALPHA1_NAMED_RULE_WITH_OPERATIONS)),
    Field(4, "excludeResourceRules", Many, Nested(&ADMISSIONREGISTRATION_V1ALPHA1_NAMED_RULE_WITH_OPERATIONS)),
    Field(7, "matchPolicy", One, Text),
]);

static ADMISSIONREGISTRATION_V1ALPHA1_MUTATING_ADMISSION_POLICY: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&ADMISSIONREGISTRATION_V1ALPHA1_MUTATING_ADMISSION_POLICY_SPEC)),
]);

static ADMISSIONREGISTRATION_V1ALPHA1_MUTATING_ADMISSION_POLICY_BINDING: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&ADMISSIONREGISTRATION_V1ALPHA1_MUTATING_ADMISSION_POLICY_BINDING_SPEC)),
]);

static ADMISSIONREGISTRATION_V1ALPHA1_MUTATING_ADMISSION_POLICY_BINDING_SPEC: Message = Message(&[
    Field(1, "policyName", Sparse, Text),
    Field(2, "paramRef", One, Nested(&ADMISSIONREGISTRATION_V1ALPHA1_PARAM_REF)),
    Field(3, "matchResources", One, Nested(&ADMISSIONREGISTRATION_V1ALPHA1_MATCH_RESOURCES)),
]);

static ADMISSIONREGISTRATION_V1ALPHA1_MUTATING_ADMISSION_POLICY_SPEC: Message = Message(&[
    Field(1, "paramKind", One, Nested(&ADMISSIONREGISTRATION_V1ALPHA1_PARAM_KIND)),
    Field(2, "matchConstraints", One, Nested(&ADMISSIONREGISTRATION_V1ALPHA1_MATCH_RESOURCES)),
    Field(3, "variables", Many, Nested(&ADMISSIONREGISTRATION_V1ALPHA1_VARIABLE)),
    Field(4, "mutations", Many, Nested(&ADMISSIONREGISTRATION_V1ALPHA1_MUTATION)),
    Field(5, "failurePolicy", One, Text),
    Field(6, "matchConditions", Many, Nested(&ADMISSIONREGISTRATION_V1ALPHA1_MATCH_CONDITION)),
    Field(7, "reinvocationPolicy", Sparse, Text),
]);

static ADMISSIONREGISTRATION_V1ALPHA1_MUTATION: Message = Message(&[
    Field(2, "patchType", One, Text),
    Field(3, "applyConfiguration", One, Nested(&ADMISSIONREGISTRATION_V1ALPHA1_APPLY_CONFIGURATION)),
    Field(4, "jsonPatch", One, Nested(&ADMISSIONREGISTRATION_V1ALPHA1_JSON_PATCH)),
]);

static ADMISSIONREGISTRATION_V1ALPHA1_NAMED_RULE_WITH_OPERATIONS: Message = Message(&[
    Field(1, "resourceNames", Many, Text),
    Field(2, "", One, Inlined(&ADMISSIONREGISTRATION_V1_RULE_WITH_OPERATIONS)),
]);

static ADMISSIONREGISTRATION_V1ALPHA1_PARAM_KIND: Message = Message(&[
    Field(1, "apiVersion", Sparse, Text),
    Field(2, "kind", Sparse, Text),
]);

static ADMISSIONREGISTRATION_V1ALPHA1_PARAM_REF: Message = Message(&[
    Field(1, "name", Sparse, Text),
    Field(2, "namespace", Sparse, Text),
    Field(3, "selector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(4, "parameterNotFoundAction", One, Text),
]);

static ADMISSIONREGISTRATION_V1ALPHA1_VARIABLE: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "expression", One, Text),
]);

static ADMISSIONREGISTRATION_V1BETA1_APPLY_CONFIGURATION: Message = Message(&[
    Field(1, "expression", Sparse, Text),
]);

static ADMISSIONREGISTRATION_V1BETA1_JSON_PATCH: Message = Message(&[
    Field(1, "expression", Sparse, Text),
]);

static ADMISSIONREGISTRATION_V1BETA1_MATCH_CONDITION: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "expression", One, Text),
]);

static ADMISSIONREGISTRATION_V1BETA1_MATCH_RESOURCES: Message = Message(&[
    Field(1, "namespaceSelector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(2, "objectSelector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(3, "resourceRules", Many, Nested(&ADMISSIONREGISTRATION_V1BETA1_NAMED_RULE_WITH_OPERATIONS)),
    Field(4, "excludeResourceRules", Many, Nested(&ADMISSIONREGISTRATION_V1BETA1_NAMED_RULE_WITH_OPERATIONS)),
    Field(7, "matchPolicy", One, Text),
]);

static ADMISSIONREGISTRATION_V1BETA1_MUTATING_ADMISSION_POLICY: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&ADMISSIONREGISTRATION_V1BETA1_MUTATING_ADMISSION_POLICY_SPEC)),
]);

static ADMISSIONREGISTRATION_V1BETA1_MUTATING_ADMISSION_POLICY_BINDING: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&ADMISSIONREGISTRATION_V1BETA1_MUTATING_ADMISSION_POLICY_BINDING_SPEC)),
]);

static ADMISSIONREGISTRATION_V1BETA1_MUTATING_ADMISSION_POLICY_BINDING_SPEC: Message = Message(&[
    Field(1, "policyName", Sparse, Text),
    Field(2, "paramRef", One, Nested(&ADMISSIONREGISTRATION_V1BETA1_PARAM_REF)),
    Field(3, "matchResources", One, Nested(&ADMISSIONREGISTRATION_V1BETA1_MATCH_RESOURCES)),
]);

static ADMISSIONREGISTRATION_V1BETA1_MUTATING_ADMISSION_POLICY_SPEC: Message = Message(&[
    Field(1, "paramKind", One, Nested(&ADMISSIONREGISTRATION_V1BETA1_PARAM_KIND)),
    Field(2, "matchConstraints", One, Nested(&ADMISSIONREGISTRATION_V1BETA1_MATCH_RESOURCES)),
    Field(3, "variables", Many, Nested(&ADMISSIONREGISTRATION_V1BETA1_VARIABLE)),
    Field(4, "mutations", Many, Nested(&ADMISSIONREGISTRATION_V1BETA1_MUTATION)),
    Field(5, "failurePolicy", One, Text),
    Field(6, "matchConditions", Many, Nested(&ADMISSIONREGISTRATION_V1BETA1_MATCH_CONDITION)),
    Field(7, "reinvocationPolicy", Sparse, Text),
]);

static ADMISSIONREGISTRATION_V1BETA1_MUTATION: Message = Message(&[
    Field(2, "patchType", One, Text),
    Field(3, "applyConfiguration", One, Nested(&ADMISSIONREGISTRATION_V1BETA1_APPLY_CONFIGURATION)),
    Field(4, "jsonPatch", One, Nested(&ADMISSIONREGISTRATION_V1BETA1_JSON_PATCH)),
]);

static ADMISSIONREGISTRATION_V1BETA1_NAMED_RULE_WITH_OPERATIONS: Message = Message(&[
    Field(1, "resourceNames", Many, Text),
    Field(2, "", One, Inlined(&ADMISSIONREGISTRATION_V1_RULE_WITH_OPERATIONS)),
]);

static ADMISSIONREGISTRATION_V1BETA1_PARAM_KIND: Message = Message(&[
    Field(1, "apiVersion", Sparse, Text),
    Field(2, "kind", Sparse, Text),
]);

static ADMISSIONREGISTRATION_V1BETA1_PARAM_REF: Message = Message(&[
    Field(1, "name", Sparse, Text),
    Field(2, "namespace", Sparse, Text),
    Field(3, "selector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(4, "parameterNotFoundAction", One, Text),
]);

static ADMISSIONREGISTRATION_V1BETA1_VARIABLE: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "expression", One, Text),
]);

static ADMISSIONREGISTRATION_V1_APPLY_CONFIGURATION: Message = Message(&[
    Field(1, "expression", Sparse, Text),
]);

static ADMISSIONREGISTRATION_V1_AUDIT_ANNOTATION: Message = Message(&[
    Field(1, "key", One, Text),
    Field(2, "valueExpression", One, Text),
]);

static ADMISSIONREGISTRATION_V1_EXPRESSION_WARNING: Message = Message(&[
    Field(2, "fieldRef", One, Text),
    Field(3, "warning", One, Text),
]);

static ADMISSIONREGISTRATION_V1_JSON_PATCH: Message = Message(&[
    Field(1, "expression", Sparse, Text),
]);

static ADMISSIONREGISTRATION_V1_MATCH_CONDITION: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "expression", One, Text),
]);

static ADMISSIONREGISTRATION_V1_MATCH_RESOURCES: Message = Message(&[
    Field(1, "namespaceSelector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(2, "objectSelector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(3, "resourceRules", Many, Nested(&ADMISSIONREGISTRATION_V1_NAMED_RULE_WITH_OPERATIONS)),
    Field(4, "excludeResourceRules", Many, Nested(&ADMISSIONREGISTRATION_V1_NAMED_RULE_WITH_OPERATIONS)),
    Field(7, "matchPolicy", One, Text),
]);

static ADMISSIONREGISTRATION_V1_MUTATING_ADMISSION_POLICY: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&ADMISSIONREGISTRATION_V1_MUTATING_ADMISSION_POLICY_SPEC)),
]);

static ADMISSIONREGISTRATION_V1_MUTATING_ADMISSION_POLICY_BINDING: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&ADMISSIONREGISTRATION_V1_MUTATING_ADMISSION_POLICY_BINDING_SPEC)),
]);

static ADMISSIONREGISTRATION_V1_MUTATING_ADMISSION_POLICY_BINDING_SPEC: Message = Message(&[
    Field(1, "policyName", Sparse, Text),
    Field(2, "paramRef", One, Nested(&ADMISSIONREGISTRATION_V1_PARAM_REF)),
    Field(3, "matchResources", One, Nested(&ADMISSIONREGISTRATION_V1_MATCH_RESOURCES)),
]);

static ADMISSIONREGISTRATION_V1_MUTATING_ADMISSION_POLICY_SPEC: Message = Message(&[
    Field(1, "paramKind", One, Nested(&ADMISSIONREGISTRATION_V1_PARAM_KIND)),
    Field(2, "matchConstraints", One, Nested(&ADMISSIONREGISTRATION_V1_MATCH_RESOURCES)),
    Field(3, "variables", Many, Nested(&ADMISSIONREGISTRATION_V1_VARIABLE)),
    Field(4, "mutations", Many, Nested(&ADMISSIONREGISTRATION_V1_MUTATION)),
    Field(5, "failurePolicy", One, Text),
    Field(6, "matchConditions", Many, Nested(&ADMISSIONREGISTRATION_V1_MATCH_CONDITION)),
    Field(7, "reinvocationPolicy", Sparse, Text),
]);

static ADMISSIONREGISTRATION_V1_MUTATING_WEBHOOK: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "clientConfig", One, Nested(&ADMISSIONREGISTRATION_V1_WEBHOOK_CLIENT_CONFIG)),
    Field(3, "rules", Many, Nested(&ADMISSIONREGISTRATION_V1_RULE_WITH_OPERATIONS)),
    Field(4, "failurePolicy", One, Text),
    Field(5, "namespaceSelector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(6, "sideEffects", One, Text),
    Field(7, "timeoutSeconds", One, Int32),
    Field(8, "admissionReviewVersions", Many, Text),
    Field(9, "matchPolicy", One, Text),
    Field(10, "reinvocationPolicy", One, Text),
    Field(11, "objectSelector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(12, "matchConditions", Many, Nested(&ADMISSIONREGISTRATION_V1_MATCH_CONDITION)),
]);

static ADMISSIONREGISTRATION_V1_MUTATING_WEBHOOK_CONFIGURATION: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "webhooks", Many, Nested(&ADMISSIONREGISTRATION_V1_MUTATING_WEBHOOK)),
]);

static ADMISSIONREGISTRATION_V1_MUTATION: Message = Message(&[
    Field(2, "patchType", One, Text),
    Field(3, "applyConfiguration", One, Nested(&ADMISSIONREGISTRATION_V1_APPLY_CONFIGURATION)),
    Field(4, "jsonPatch", One, Nested(&ADMISSIONREGISTRATION_V1_JSON_PATCH)),
]);

static ADMISSIONREGISTRATION_V1_NAMED_RULE_WITH_OPERATIONS: Message = Message(&[
    Field(1, "resourceNames", Many, Text),
    Field(2, "", One, Inlined(&ADMISSIONREGISTRATION_V1_RULE_WITH_OPERATIONS)),
]);

static ADMISSIONREGISTRATION_V1_PARAM_KIND: Message = Message(&[
    Field(1, "apiVersion", Sparse, Text),
    Field(2, "kind", Sparse, Text),
]);

static ADMISSIONREGISTRATION_V1_PARAM_REF: Message = Message(&[
    Field(1, "name", Sparse, Text),
    Field(2, "namespace", Sparse, Text),
    Field(3, "selector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(4, "parameterNotFoundAction", One, Text),
]);

static ADMISSIONREGISTRATION_V1_RULE: Message = Message(&[
    Field(1, "apiGroups", Many, Text),
    Field(2, "apiVersions", Many, Text),
    Field(3, "resources", Many, Text),
    Field(4, "scope", One, Text),
]);

static ADMISSIONREGISTRATION_V1_RULE_WITH_OPERATIONS: Message = Message(&[
    Field(1, "operations", Many, Text),
    Field(2, "", One, Inlined(&ADMISSIONREGISTRATION_V1_RULE)),
]);

static ADMISSIONREGISTRATION_V1_SERVICE_REFERENCE: Message = Message(&[
    Field(1, "namespace", One, Text),
    Field(2, "name", One, Text),
    Field(3, "path", One, Text),
    Field(4, "port", One, Int32),
]);

static ADMISSIONREGISTRATION_V1_TYPE_CHECKING: Message = Message(&[
    Field(1, "expressionWarnings", Many, Nested(&ADMISSIONREGISTRATION_V1_EXPRESSION_WARNING)),
]);

static ADMISSIONREGISTRATION_V1_VALIDATING_ADMISSION_POLICY: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&ADMISSIONREGISTRATION_V1_VALIDATING_ADMISSION_POLICY_SPEC)),
    Field(3, "status", One, Nested(&ADMISSIONREGISTRATION_V1_VALIDATING_ADMISSION_POLICY_STATUS)),
]);

static ADMISSIONREGISTRATION_V1_VALIDATING_ADMISSION_POLICY_BINDING: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&ADMISSIONREGISTRATION_V1_VALIDATING_ADMISSION_POLICY_BINDING_SPEC)),
]);

static ADMISSIONREGISTRATION_V1_VALIDATING_ADMISSION_POLICY_BINDING_SPEC: Message = Message(&[
    Field(1, "policyName", Sparse, Text),
    Field(2, "paramRef", One, Nested(&ADMISSIONREGISTRATION_V1_PARAM_REF)),
    Field(3, "matchResources", One, Nested(&ADMISSIONREGISTRATION_V1_MATCH_RESOURCES)),
    Field(4, "validationActions", Many, Text),
]);

static ADMISSIONREGISTRATION_V1_VALIDATING_ADMISSION_POLICY_SPEC: Message = Message(&[
    Field(1, "paramKind", One, Nested(&ADMISSIONREGISTRATION_V1_PARAM_KIND)),
    Field(2, "matchConstraints", One, Nested(&ADMISSIONREGISTRATION_V1_MATCH_RESOURCES)),
    Field(3, "validations", Many, Nested(&ADMISSIONREGISTRATION_V1_VALIDATION)),
    Field(4, "failurePolicy", One, Text),
    Field(5, "auditAnnotations", Many, Nested(&ADMISSIONREGISTRATION_V1_AUDIT_ANNOTATION)),
    Field(6, "matchConditions", Many, Nested(&ADMISSIONREGISTRATION_V1_MATCH_CONDITION)),
    Field(7, "variables", Many, Nested(&ADMISSIONREGISTRATION_V1_VARIABLE)),
]);

static ADMISSIONREGISTRATION_V1_VALIDATING_ADMISSION_POLICY_STATUS: Message = Message(&[
    Field(1, "observedGeneration", Sparse, Int64),
    Field(2, "typeChecking", One, Nested(&ADMISSIONREGISTRATION_V1_TYPE_CHECKING)),
    Field(3, "conditions", Many, Nested(&META_V1_CONDITION)),
]);

static ADMISSIONREGISTRATION_V1_VALIDATING_WEBHOOK: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "clientConfig", One, Nested(&ADMISSIONREGISTRATION_V1_WEBHOOK_CLIENT_CONFIG)),
    Field(3, "rules", Many, Nested(&ADMISSIONREGISTRATION_V1_RULE_WITH_OPERATIONS)),
    Field(4, "failurePolicy", One, Text),
    Field(5, "namespaceSelector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(6, "sideEffects", One, Text),
    Field(7, "timeoutSeconds", One, Int32),
    Field(8, "admissionReviewVersions", Many, Text),
    Field(9, "matchPolicy", One, Text),
    Field(10, "objectSelector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(11, "matchConditions", Many, Nested(&ADMISSIONREGISTRATION_V1_MATCH_CONDITION)),
]);

static ADMISSIONREGISTRATION_V1_VALIDATING_WEBHOOK_CONFIGURATION: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "webhooks", Many, Nested(&ADMISSIONREGISTRATION_V1_VALIDATING_WEBHOOK)),
]);

static ADMISSIONREGISTRATION_V1_VALIDATION: Message = Message(&[
    Field(1, "expression", One, Text),
    Field(2, "message", Sparse, Text),
    Field(3, "reason", One, Text),
    Field(4, "messageExpression", Sparse, Text),
]);

static ADMISSIONREGISTRATION_V1_VARIABLE: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "expression", One, Text),
]);

static ADMISSIONREGISTRATION_V1_WEBHOOK_CLIENT_CONFIG: Message = Message(&[
    Field(1, "service", One, Nested(&ADMISSIONREGISTRATION_V1_SERVICE_REFERENCE)),
    Field(2, "caBundle", Sparse, Bytes),
    Field(3, "url", One, Text),
]);

static APIEXTENSIONS_V1_CUSTOM_RESOURCE_COLUMN_DEFINITION: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "type", One, Text),
    Field(3, "format", Sparse, Text),
    Field(4, "description", Sparse, Text),
    Field(5, "priority", Sparse, Int32),
    Field(6, "jsonPath", One, Text),
]);

static APIEXTENSIONS_V1_CUSTOM_RESOURCE_CONVERSION: Message = Message(&[
    Field(1, "strategy", One, Text),
    Field(2, "webhook", One, Nested(&APIEXTENSIONS_V1_WEBHOOK_CONVERSION)),
]);

static APIEXTENSIONS_V1_CUSTOM_RESOURCE_DEFINITION: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&APIEXTENSIONS_V1_CUSTOM_RESOURCE_DEFINITION_SPEC)),
    Field(3, "status", One, Nested(&APIEXTENSIONS_V1_CUSTOM_RESOURCE_DEFINITION_STATUS)),
]);

static APIEXTENSIONS_V1_CUSTOM_RESOURCE_DEFINITION_CONDITION: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "status", One, Text),
    Field(3, "lastTransitionTime", One, Time),
    Field(4, "reason", Sparse, Text),
    Field(5, "message", Sparse, Text),
    Field(6, "observedGeneration", Sparse, Int64),
]);

static APIEXTENSIONS_V1_CUSTOM_RESOURCE_DEFINITION_NAMES: Message = Message(&[
    Field(1, "plural", One, Text),
    Field(2, "singular", Sparse, Text),
    Field(3, "shortNames", Many, Text),
    Field(4, "kind", One, Text),
    Field(5, "listKind", Sparse, Text),
    Field(6, "categories", Many, Text),
]);

static APIEXTENSIONS_V1_CUSTOM_RESOURCE_DEFINITION_SPEC: Message = Message(&[
    Field(1, "group", One, Text),
    Field(3, "names", One, Nested(&APIEXTENSIONS_V1_CUSTOM_RESOURCE_DEFINITION_NAMES)),
    Field(4, "scope", One, Text),
    Field(7, "versions", Many, Nested(&APIEXTENSIONS_V1_CUSTOM_RESOURCE_DEFINITION_VERSION)),
    Field(9, "conversion", One, Nested(&APIEXTENSIONS_V1_CUSTOM_RESOURCE_CONVERSION)),
    Field(10, "preserveUnknownFields", Sparse, Bool),
]);

static APIEXTENSIONS_V1_CUSTOM_RESOURCE_DEFINITION_STATUS: Message = Message(&[
    Field(1, "conditions", Many, Nested(&APIEXTENSIONS_V1_CUSTOM_RESOURCE_DEFINITION_CONDITION)),
    Field(2, "acceptedNames", One, Nested(&APIEXTENSIONS_V1_CUSTOM_RESOURCE_DEFINITION_NAMES)),
    Field(3, "storedVersions", Many, Text),
    Field(4, "observedGeneration", Sparse, Int64),
]);

static APIEXTENSIONS_V1_CUSTOM_RESOURCE_DEFINITION_VERSION: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "served", One, Bool),
    Field(3, "storage", One, Bool),
    Field(4, "schema", One, Nested(&APIEXTENSIONS_V1_CUSTOM_RESOURCE_VALIDATION)),
    Field(5, "subresources", One, Nested(&APIEXTENSIONS_V1_CUSTOM_RESOURCE_SUBRESOURCES)),
    Field(6, "additionalPrinterColumns", Many, Nested(&APIEXTENSIONS_V1_CUSTOM_RESOURCE_COLUMN_DEFINITION)),
    Field(7, "deprecated", Sparse, Bool),
    Field(8, "deprecationWarning", One, Text),
    Field(9, "selectableFields", Many, Nested(&APIEXTENSIONS_V1_SELECTABLE_FIELD)),
]);

static APIEXTENSIONS_V1_CUSTOM_RESOURCE_SUBRESOURCES: Message = Message(&[
    Field(1, "status", One, Nested(&APIEXTENSIONS_V1_CUSTOM_RESOURCE_SUBRESOURCE_STATUS)),
    Field(2, "scale", One, Nested(&APIEXTENSIONS_V1_CUSTOM_RESOURCE_SUBRESOURCE_SCALE)),
]);

static APIEXTENSIONS_V1_CUSTOM_RESOURCE_SUBRESOURCE_SCALE: Message = Message(&[
    Field(1, "specReplicasPath", One, Text),
    Field(2, "statusReplicasPath", One, Text),
    Field(3, "labelSelectorPath", One, Text),
]);

static APIEXTENSIONS_V1_CUSTOM_RESOURCE_SUBRESOURCE_STATUS: Message = Message(&[
]);

static APIEXTENSIONS_V1_CUSTOM_RESOURCE_VALIDATION: Message = Message(&[
    Field(1, "openAPIV3Schema", One, Nested(&APIEXTENSIONS_V1_JSON_SCHEMA_PROPS)),
]);

static APIEXTENSIONS_V1_EXTERNAL_DOCUMENTATION: Message = Message(&[
    Field(1, "description", Sparse, Text),
    Field(2, "url", Sparse, Text),
]);

static APIEXTENSIONS_V1_JSON_SCHEMA_PROPS: Message = Message(&[
    Field(1, "id", Sparse, Text),
    Field(2, "$schema", Sparse, Text),
    Field(3, "$ref", One, Text),
    Field(4, "description", Sparse, Text),
    Field(5, "type", Sparse, Text),
    Field(6, "format", Sparse, Text),
    Field(7, "title", Sparse, Text),
    Field(8, "default", One, Json),
    Field(9, "maximum", One, Double),
    Field(10, "exclusiveMaximum", Sparse, Bool),
    Field(11, "minimum", One, Double),
    Field(12, "exclusiveMinimum", Sparse, Bool),
    Field(13, "maxLength", One, Int64),
    Field(14, "minLength", One, Int64),
    Field(15, "pattern", Sparse, Text),
    Field(16, "maxItems", One, Int64),
    Field(17, "minItems", One, Int64),
    Field(18, "uniqueItems", Sparse, Bool),
    Field(19, "multipleOf", One, Double),
    Field(20, "enum", Many, Json),
    Field(21, "maxProperties", One, Int64),
    Field(22, "minProperties", One, Int64),
    Field(23, "required", Many, Text),
    Field(24, "items", One, Alternatives(&APIEXTENSIONS_V1_JSON_SCHEMA_PROPS_OR_ARRAY)),
    Field(25, "allOf", Many, Nested(&APIEXTENSIONS_V1_JSON_SCHEMA_PROPS)),
    Field(26, "oneOf", Many, Nested(&APIEXTENSIONS_V1_JSON_SCHEMA_PROPS)),
    Field(27, "anyOf", Many, Nested(&APIEXTENSIONS_V1_JSON_SCHEMA_PROPS)),
    Field(28, "not", One, Nested(&APIEXTENSIONS_V1_JSON_SCHEMA_PROPS)),
    Field(29, "properties", Map, Nested(&APIEXTENSIONS_V1_JSON_SCHEMA_PROPS)),
    Field(30, "additionalProperties", One, Alternatives(&APIEXTENSIONS_V1_JSON_SCHEMA_PROPS_OR_BOOL)),
    Field(31, "patternProperties", Map, Nested(&APIEXTENSIONS_V1_JSON_SCHEMA_PROPS)),
    Field(32, "dependencies", Map, Alternatives(&APIEXTENSIONS_V1_JSON_SCHEMA_PROPS_OR_STRING_ARRAY)),
    Field(33, "additionalItems", One, Alternatives(&APIEXTENSIONS_V1_JSON_SCHEMA_PROPS_OR_BOOL)),
    Field(34, "definitions", Map, Nested(&APIEXTENSIONS_V1_JSON_SCHEMA_PROPS)),
    Field(35, "externalDocs", One, Nested(&APIEXTENSIONS_V1_EXTERNAL_DOCUMENTATION)),
    Field(36, "example", One, Json),
    Field(37, "nullable", Sparse, Bool),
    Field(38, "x-kubernetes-preserve-unknown-fields", One, Bool),
    Field(39, "x-kubernetes-embedded-resource", Sparse, Bool),
    Field(40, "x-kubernetes-int-or-string", Sparse, Bool),
    Field(41, "x-kubernetes-list-map-keys", Many, Text),
    Field(42, "x-kubernetes-list-type", One, Text),
    Field(43, "x-kubernetes-map-type", One, Text),
    Field(44, "x-kubernetes-validations", Many, Nested(&APIEXTENSIONS_V1_VALIDATION_RULE)),
]);

static APIEXTENSIONS_V1_JSON_SCHEMA_PROPS_OR_ARRAY: Message = Message(&[
    Field(1, "", One, Nested(&APIEXTENSIONS_V1_JSON_SCHEMA_PROPS)),
    Field(2, "", Many, Nested(&APIEXTENSIONS_V1_JSON_SCHEMA_PROPS)),
]);

static APIEXTENSIONS_V1_JSON_SCHEMA_PROPS_OR_BOOL: Message = Message(&[
    Field(1, "", One, Bool),
    Field(2, "", One, Nested(&APIEXTENSIONS_V1_JSON_SCHEMA_PROPS)),
]);

static APIEXTENSIONS_V1_JSON_SCHEMA_PROPS_OR_STRING_ARRAY: Message = Message(&[
    Field(1, "", One, Nested(&APIEXTENSIONS_V1_JSON_SCHEMA_PROPS)),
    Field(2, "", Many, Text),
]);

static APIEXTENSIONS_V1_SELECTABLE_FIELD: Message = Message(&[
    Field(1, "jsonPath", One, Text),
]);

static APIEXTENSIONS_V1_SERVICE_REFERENCE: Message = Message(&[
    Field(1, "namespace", One, Text),
    Field(2, "name", One, Text),
    Field(3, "path", One, Text),
    Field(4, "port", One, Int32),
]);

static APIEXTENSIONS_V1_VALIDATION_RULE: Message = Message(&[
    Field(1, "rule", One, Text),
    Field(2, "message", Sparse, Text),
    Field(3, "messageExpression", Sparse, Text),
    Field(4, "reason", One, Text),
    Field(5, "fieldPath", Sparse, Text),
    Field(6, "optionalOldSelf", One, Bool),
]);

static APIEXTENSIONS_V1_WEBHOOK_CLIENT_CONFIG: Message = Message(&[
    Field(1, "service", One, Nested(&APIEXTENSIONS_V1_SERVICE_REFERENCE)),
    Field(2, "caBundle", Sparse, Bytes),
    Field(3, "url", One, Text),
]);

static APIEXTENSIONS_V1_WEBHOOK_CONVERSION: Message = Message(&[
    Field(2, "clientConfig", One, Nested(&APIEXTENSIONS_V1_WEBHOOK_CLIENT_CONFIG)),
    Field(3, "conversionReviewVersions", Many, Text),
]);

static APIREGISTRATION_V1_API_SERVICE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&APIREGISTRATION_V1_API_SERVICE_SPEC)),
    Field(3, "status", One, Nested(&APIREGISTRATION_V1_API_SERVICE_STATUS)),
]);

static APIREGISTRATION_V1_API_SERVICE_CONDITION: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "status", One, Text),
    Field(3, "lastTransitionTime", One, Time),
    Field(4, "reason", Sparse, Text),
    Field(5, "message", Sparse, Text),
]);

static APIREGISTRATION_V1_API_SERVICE_SPEC: Message = Message(&[
    Field(1, "service", One, Nested(&APIREGISTRATION_V1_SERVICE_REFERENCE)),
    Field(2, "group", Sparse, Text),
    Field(3, "version", Sparse, Text),
    Field(4, "insecureSkipTLSVerify", Sparse, Bool),
    Field(5, "caBundle", Sparse, Bytes),
    Field(7, "groupPriorityMinimum", One, Int32),
    Field(8, "versionPriority", One, Int32),
]);

static APIREGISTRATION_V1_API_SERVICE_STATUS: Message = Message(&[
    Field(1, "conditions", Many, Nested(&APIREGISTRATION_V1_API_SERVICE_CONDITION)),
]);

static APIREGISTRATION_V1_SERVICE_REFERENCE: Message = Message(&[
    Field(1, "namespace", Sparse, Text),
    Field(2, "name", Sparse, Text),
    Field(3, "port", One, Int32),
]);

static APISERVERINTERNAL_V1ALPHA1_SERVER_STORAGE_VERSION: Message = Message(&[
    Field(1, "apiServerID", Sparse, Text),
    Field(2, "encodingVersion", Sparse, Text),
    Field(3, "decodableVersions", Many, Text),
    Field(4, "servedVersions", Many, Text),
]);

static APISERVERINTERNAL_V1ALPHA1_STORAGE_VERSION: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&APISERVERINTERNAL_V1ALPHA1_STORAGE_VERSION_SPEC)),
    Field(3, "status", One, Nested(&APISERVERINTERNAL_V1ALPHA1_STORAGE_VERSION_STATUS)),
]);

static APISERVERINTERNAL_V1ALPHA1_STORAGE_VERSION_CONDITION: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "status", One, Text),
    Field(3, "observedGeneration", Sparse, Int64),
    Field(4, "lastTransitionTime", One, Time),
    Field(5, "reason", One, Text),
    Field(6, "message", Sparse, Text),
]);

static APISERVERINTERNAL_V1ALPHA1_STORAGE_VERSION_SPEC: Message = Message(&[
]);

static APISERVERINTERNAL_V1ALPHA1_STORAGE_VERSION_STATUS: Message = Message(&[
    Field(1, "storageVersions", Many, Nested(&APISERVERINTERNAL_V1ALPHA1_SERVER_STORAGE_VERSION)),
    Field(2, "commonEncodingVersion", One, Text),
    Field(3, "conditions", Many, Nested(&APISERVERINTERNAL_V1ALPHA1_STORAGE_VERSION_CONDITION)),
]);

static APPS_V1_CONTROLLER_REVISION: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "data", One, Json),
    Field(3, "revision", One, Int64),
]);

static APPS_V1_DAEMON_SET: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&APPS_V1_DAEMON_SET_SPEC)),
    Field(3, "status", One, Nested(&APPS_V1_DAEMON_SET_STATUS)),
]);

static APPS_V1_DAEMON_SET_CONDITION: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "status", One, Text),
    Field(3, "lastTransitionTime", One, Time),
    Field(4, "reason", Sparse, Text),
    Field(5, "message", Sparse, Text),
]);

static APPS_V1_DAEMON_SET_SPEC: Message = Message(&[
    Field(1, "selector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(2, "template", One, Nested(&CORE_V1_POD_TEMPLATE_SPEC)),
    Field(3, "updateStrategy", One, Nested(&APPS_V1_DAEMON_SET_UPDATE_STRATEGY)),
    Field(4, "minReadySeconds", Sparse, Int32),
    Field(6, "revisionHistoryLimit", One, Int32),
]);

static APPS_V1_DAEMON_SET_STATUS: Message = Message(&[
    Field(1, "currentNumberScheduled", One, Int32),
    Field(2, "numberMisscheduled", One, Int32),
    Field(3, "desiredNumberScheduled", One, Int32),
    Field(4, "numberReady", One, Int32),
    Field(5, "observedGeneration", Sparse, Int64),
    Field(6, "updatedNumberScheduled", Sparse, Int32),
    Field(7, "numberAvailable", Sparse, Int32),
    Field(8, "numberUnavailable", Sparse, Int32),
    Field(9, "collisionCount", One, Int32),
    Field(10, "conditions", Many, Nested(&APPS_V1_DAEMON_SET_CONDITION)),
]);

static APPS_V1_DAEMON_SET_UPDATE_STRATEGY: Message = Message(&[
    Field(1, "type", Sparse, Text),
    Field(2, "rollingUpdate", One, Nested(&APPS_V1_ROLLING_UPDATE_DAEMON_SET)),
]);

static APPS_V1_DEPLOYMENT: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&APPS_V1_DEPLOYMENT_SPEC)),
    Field(3, "status", One, Nested(&APPS_V1_DEPLOYMENT_STATUS)),
]);

static APPS_V1_DEPLOYMENT_CONDITION: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "status", One, Text),
    Field(4, "reason", Sparse, Text),
    Field(5, "message", Sparse, Text),
    Field(6, "lastUpdateTime", One, Time),
    Field(7, "lastTransitionTime", One, Time),
]);

static APPS_V1_DEPLOYMENT_SPEC: Message = Message(&[
    Field(1, "replicas", One, Int32),
    Field(2, "selector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(3, "template", One, Nested(&CORE_V1_POD_TEMPLATE_SPEC)),
    Field(4, "strategy", One, Nested(&APPS_V1_DEPLOYMENT_STRATEGY)),
    Field(5, "minReadySeconds", Sparse, Int32),
    Field(6, "revisionHistoryLimit", One, Int32),
    Field(7, "paused", Sparse, Bool),
    Field(9, "progressDeadlineSeconds", One, Int32),
]);

static APPS_V1_DEPLOYMENT_STATUS: Message = Message(&[
    Field(1, "observedGeneration", Sparse, Int64),
    Field(2, "replicas", Sparse, Int32),
    Field(3, "updatedReplicas", Sparse, Int32),
    Field(4, "availableReplicas", Sparse, Int32),
    Field(5, "unavailableReplicas", Sparse, Int32),
    Field(6, "conditions", Many, Nested(&APPS_V1_DEPLOYMENT_CONDITION)),
    Field(7, "readyReplicas", Sparse, Int32),
    Field(8, "collisionCount", One, Int32),
    Field(9, "terminatingReplicas", One, Int32),
]);

static APPS_V1_DEPLOYMENT_STRATEGY: Message = Message(&[
    Field(1, "type", Sparse, Text),
    Field(2, "rollingUpdate", One, Nested(&APPS_V1_ROLLING_UPDATE_DEPLOYMENT)),
]);

static APPS_V1_REPLICA_SET: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&APPS_V1_REPLICA_SET_SPEC)),
    Field(3, "status", One, Nested(&APPS_V1_REPLICA_SET_STATUS)),
]);

static APPS_V1_REPLICA_SET_CONDITION: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "status", One, Text),
    Field(3, "lastTransitionTime", One, Time),
    Field(4, "reason", Sparse, Text),
    Field(5, "message", Sparse, Text),
]);

static APPS_V1_REPLICA_SET_SPEC: Message = Message(&[
    Field(1, "replicas", One, Int32),
    Field(2, "selector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(3, "template", One, Nested(&CORE_V1_POD_TEMPLATE_SPEC)),
    Field(4, "minReadySeconds", Sparse, Int32),
]);

static APPS_V1_REPLICA_SET_STATUS: Message = Message(&[
    Field(1, "replicas", One, Int32),
    Field(2, "fullyLabeledReplicas", Sparse, Int32),
    Field(3, "observedGeneration", Sparse, Int64),
    Field(4, "readyReplicas", Sparse, Int32),
    Field(5, "availableReplicas", Sparse, Int32),
    Field(6, "conditions", Many, Nested(&APPS_V1_REPLICA_SET_CONDITION)),
    Field(7, "terminatingReplicas", One, Int32),
]);

static APPS_V1_ROLLING_UPDATE_DAEMON_SET: Message = Message(&[
    Field(1, "maxUnavailable", One, IntOrString),
    Field(2, "maxSurge", One, IntOrString),
]);

static APPS_V1_ROLLING_UPDATE_DEPLOYMENT: Message = Message(&[
    Field(1, "maxUnavailable", One, IntOrString),
    Field(2, "maxSurge", One, IntOrString),
]);

static APPS_V1_ROLLING_UPDATE_STATEFUL_SET_STRATEGY: Message = Message(&[
    Field(1, "partition", One, Int32),
    Field(2, "maxUnavailable", One, IntOrString),
]);

static APPS_V1_STATEFUL_SET: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&APPS_V1_STATEFUL_SET_SPEC)),
    Field(3, "status", One, Nested(&APPS_V1_STATEFUL_SET_STATUS)),
]);

static APPS_V1_STATEFUL_SET_CONDITION: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "status", One, Text),
    Field(3, "lastTransitionTime", One, Time),
    Field(4, "reason", Sparse, Text),
    Field(5, "message", Sparse, Text),
]);

static APPS_V1_STATEFUL_SET_ORDINALS: Message = Message(&[
    Field(1, "start", One, Int32),
]);

static APPS_V1_STATEFUL_SET_PERSISTENT_VOLUME_CLAIM_RETENTION_POLICY: Message = Message(&[
    Field(1, "whenDeleted", Sparse, Text),
    Field(2, "whenScaled", Sparse, Text),
]);

static APPS_V1_STATEFUL_SET_SPEC: Message = Message(&[
    Field(1, "replicas", One, Int32),
    Field(2, "selector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(3, "template", One, Nested(&CORE_V1_POD_TEMPLATE_SPEC)),
    Field(4, "volumeClaimTemplates", Many, Nested(&CORE_V1_PERSISTENT_VOLUME_CLAIM)),
    Field(5, "serviceName", One, Text),
    Field(6, "podManagementPolicy", Sparse, Text),
    Field(7, "updateStrategy", One, Nested(&APPS_V1_STATEFUL_SET_UPDATE_STRATEGY)),
    Field(8, "revisionHistoryLimit", One, Int32),
    Field(9, "minReadySeconds", Sparse, Int32),
    Field(10, "persistentVolumeClaimRetentionPolicy", One, Nested(&APPS_V1_STATEFUL_SET_PERSISTENT_VOLUME_CLAIM_RETENTION_POLICY)),
    Field(11, "ordinals", One, Nested(&APPS_V1_STATEFUL_SET_ORDINALS)),
]);

static APPS_V1_STATEFUL_SET_STATUS: Message = Message(&[
    Field(1, "observedGeneration", Sparse, Int64),
    Field(2, "replicas", One, Int32),
    Field(3, "readyReplicas", Sparse, Int32),
    Field(4, "currentReplicas", Sparse, Int32),
    Field(5, "updatedReplicas", Sparse, Int32),
    Field(6, "currentRevision", Sparse, Text),
    Field(7, "updateRevision", Sparse, Text),
    Field(9, "collisionCount", One, Int32),
    Field(10, "conditions", Many, Nested(&APPS_V1_STATEFUL_SET_CONDITION)),
    Field(11, "availableReplicas", One, Int32),
]);

static APPS_V1_STATEFUL_SET_UPDATE_STRATEGY: Message = Message(&[
    Field(1, "type", Sparse, Text),
    Field(2, "rollingUpdate", One, Nested(&APPS_V1_ROLLING_UPDATE_STATEFUL_SET_STRATEGY)),
]);

static AUTHENTICATION_V1_BOUND_OBJECT_REFERENCE: Message = Message(&[
    Field(1, "kind", Sparse, Text),
    Field(2, "apiVersion", Sparse, Text),
    Field(3, "name", Sparse, Text),
    Field(4, "uid", Sparse, Text),
]);

static AUTHENTICATION_V1_SELF_SUBJECT_REVIEW: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "status", One, Nested(&AUTHENTICATION_V1_SELF_SUBJECT_REVIEW_STATUS)),
]);

static AUTHENTICATION_V1_SELF_SUBJECT_REVIEW_STATUS: Message = Message(&[
    Field(1, "userInfo", One, Nested(&AUTHENTICATION_V1_USER_INFO)),
]);

static AUTHENTICATION_V1_TOKEN_REQUEST: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&AUTHENTICATION_V1_TOKEN_REQUEST_SPEC)),
    Field(3, "status", One, Nested(&AUTHENTICATION_V1_TOKEN_REQUEST_STATUS)),
]);

static AUTHENTICATION_V1_TOKEN_REQUEST_SPEC: Message = Message(&[
    Field(1, "audiences", Many, Text),
    Field(3, "boundObjectRef", One, Nested(&AUTHENTICATION_V1_BOUND_OBJECT_REFERENCE)),
    Field(4, "expirationSeconds", One, Int64),
]);

static AUTHENTICATION_V1_TOKEN_REQUEST_STATUS: Message = Message(&[
    Field(1, "token", One, Text),
    Field(2, "expirationTimestamp", One, Time),
]);

static AUTHENTICATION_V1_TOKEN_REVIEW: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&AUTHENTICATION_V1_TOKEN_REVIEW_SPEC)),
    Field(3, "status", One, Nested(&AUTHENTICATION_V1_TOKEN_REVIEW_STATUS)),
]);

static AUTHENTICATION_V1_TOKEN_REVIEW_SPEC: Message = Message(&[
    Field(1, "token", Sparse, Text),
    Field(2, "audiences", Many, Text),
]);

static AUTHENTICATION_V1_TOKEN_REVIEW_STATUS: Message = Message(&[
    Field(1, "authenticated", Sparse, Bool),
    Field(2, "user", One, Nested(&AUTHENTICATION_V1_USER_INFO)),
    Field(3, "error", Sparse, Text),
    Field(4, "audiences", Many, Text),
]);

static AUTHENTICATION_V1_USER_INFO: Message = Message(&[
    Field(1, "username", Sparse, Text),
    Field(2, "uid", Sparse, Text),
    Field(3, "groups", Many, Text),
    Field(4, "extra", Map, Texts),
]);

static AUTHORIZATION_V1_FIELD_SELECTOR_ATTRIBUTES: Message = Message(&[
    Field(1, "rawSelector", Sparse, Text),
    Field(2, "requirements", Many, Nested(&META_V1_FIELD_SELECTOR_REQUIREMENT)),
]);

static AUTHORIZATION_V1_LABEL_SELECTOR_ATTRIBUTES: Message = Message(&[
    Field(1, "rawSelector", Sparse, Text),
    Field(2, "requirements", Many, Nested(&META_V1_LABEL_SELECTOR_REQUIREMENT)),
]);

static AUTHORIZATION_V1_LOCAL_SUBJECT_ACCESS_REVIEW: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&AUTHORIZATION_V1_SUBJECT_ACCESS_REVIEW_SPEC)),
    Field(3, "status", One, Nested(&AUTHORIZATION_V1_SUBJECT_ACCESS_REVIEW_STATUS)),
]);

static AUTHORIZATION_V1_NON_RESOURCE_ATTRIBUTES: Message = Message(&[
    Field(1, "path", Sparse, Text),
    Field(2, "verb", Sparse, Text),
]);

static AUTHORIZATION_V1_NON_RESOURCE_RULE: Message = Message(&[
    Field(1, "verbs", Many, Text),
    Field(2, "nonResourceURLs", Many, Text),
]);

static AUTHORIZATION_V1_RESOURCE_ATTRIBUTES: Message = Message(&[
    Field(1, "namespace", Sparse, Text),
    Field(2, "verb", Sparse, Text),
    Field(3, "group", Sparse, Text),
    Field(4, "version", Sparse, Text),
    Field(5, "resource", Sparse, Text),
    Field(6, "subresource", Sparse, Text),
    Field(7, "name", Sparse, Text),
    Field(8, "fieldSelector", One, Nested(&AUTHORIZATION_V1_FIELD_SELECTOR_ATTRIBUTES)),
    Field(9, "labelSelector", One, Nested(&AUTHORIZATION_V1_LABEL_SELECTOR_ATTRIBUTES)),
]);

static AUTHORIZATION_V1_RESOURCE_RULE: Message = Message(&[
    Field(1, "verbs", Many, Text),
    Field(2, "apiGroups", Many, Text),
    Field(3, "resources", Many, Text),
    Field(4, "resourceNames", Many, Text),
]);

static AUTHORIZATION_V1_SELF_SUBJECT_ACCESS_REVIEW: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&AUTHORIZATION_V1_SELF_SUBJECT_ACCESS_REVIEW_SPEC)),
    Field(3, "status", One, Nested(&AUTHORIZATION_V1_SUBJECT_ACCESS_REVIEW_STATUS)),
]);

static AUTHORIZATION_V1_SELF_SUBJECT_ACCESS_REVIEW_SPEC: Message = Message(&[
    Field(1, "resourceAttributes", One, Nested(&AUTHORIZATION_V1_RESOURCE_ATTRIBUTES)),
    Field(2, "nonResourceAttributes", One, Nested(&AUTHORIZATION_V1_NON_RESOURCE_ATTRIBUTES)),
]);

static AUTHORIZATION_V1_SELF_SUBJECT_RULES_REVIEW: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&AUTHORIZATION_V1_SELF_SUBJECT_RULES_REVIEW_SPEC)),
    Field(3, "status", One, Nested(&AUTHORIZATION_V1_SUBJECT_RULES_REVIEW_STATUS)),
]);

static AUTHORIZATION_V1_SELF_SUBJECT_RULES_REVIEW_SPEC: Message = Message(&[
    Field(1, "namespace", Sparse, Text),
]);

static AUTHORIZATION_V1_SUBJECT_ACCESS_REVIEW: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&AUTHORIZATION_V1_SUBJECT_ACCESS_REVIEW_SPEC)),
    Field(3, "status", One, Nested(&AUTHORIZATION_V1_SUBJECT_ACCESS_REVIEW_STATUS)),
]);

static AUTHORIZATION_V1_SUBJECT_ACCESS_REVIEW_SPEC: Message = Message(&[
    Field(1, "resourceAttributes", One, Nested(&AUTHORIZATION_V1_RESOURCE_ATTRIBUTES)),
    Field(2, "nonResourceAttributes", One, Nested(&AUTHORIZATION_V1_NON_RESOURCE_ATTRIBUTES)),
    Field(3, "user", Sparse, Text),
    Field(4, "groups", Many, Text),
    Field(5, "extra", Map, Texts),
    Field(6, "uid", Sparse, Text),
]);

static AUTHORIZATION_V1_SUBJECT_ACCESS_REVIEW_STATUS: Message = Message(&[
    Field(1, "allowed", One, Bool),
    Field(2, "reason", Sparse, Text),
    Field(3, "evaluationError", Sparse, Text),
    Field(4, "denied", Sparse, Bool),
]);

static AUTHORIZATION_V1_SUBJECT_RULES_REVIEW_STATUS: Message = Message(&[
    Field(1, "resourceRules", Many, Nested(&AUTHORIZATION_V1_RESOURCE_RULE)),
    Field(2, "nonResourceRules", Many, Nested(&AUTHORIZATION_V1_NON_RESOURCE_RULE)),
    Field(3, "incomplete", One, Bool),
    Field(4, "evaluationError", Sparse, Text),
]);

static AUTOSCALING_V1_CROSS_VERSION_OBJECT_REFERENCE: Message = Message(&[
    Field(1, "kind", One, Text),
    Field(2, "name", One, Text),
    Field(3, "apiVersion", Sparse, Text),
]);

static AUTOSCALING_V1_HORIZONTAL_POD_AUTOSCALER: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&AUTOSCALING_V1_HORIZONTAL_POD_AUTOSCALER_SPEC)),
    Field(3, "status", One, Nested(&AUTOSCALING_V1_HORIZONTAL_POD_AUTOSCALER_STATUS)),
]);

static AUTOSCALING_V1_HORIZONTAL_POD_AUTOSCALER_SPEC: Message = Message(&[
    Field(1, "scaleTargetRef", One, Nested(&AUTOSCALING_V1_CROSS_VERSION_OBJECT_REFERENCE)),
    Field(2, "minReplicas", One, Int32),
    Field(3, "maxReplicas", One, Int32),
    Field(4, "targetCPUUtilizationPercentage", One, Int32),
]);

static AUTOSCALING_V1_HORIZONTAL_POD_AUTOSCALER_STATUS: Message = Message(&[
    Field(1, "observedGeneration", One, Int64),
    Field(2, "lastScaleTime", One, Time),
    Field(3, "currentReplicas", One, Int32),
    Field(4, "desiredReplicas", One, Int32),
    Field(5, "currentCPUUtilizationPercentage", One, Int32),
]);

static AUTOSCALING_V1_SCALE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&AUTOSCALING_V1_SCALE_SPEC)),
    Field(3, "status", One, Nested(&AUTOSCALING_V1_SCALE_STATUS)),
]);

static AUTOSCALING_V1_SCALE_SPEC: Message = Message(&[
    Field(1, "replicas", Sparse, Int32),
]);

static AUTOSCALING_V1_SCALE_STATUS: Message = Message(&[
    Field(1, "replicas", One, Int32),
    Field(2, "selector", Sparse, Text),
]);

static AUTOSCALING_V2_CONTAINER_RESOURCE_METRIC_SOURCE: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "target", One, Nested(&AUTOSCALING_V2_METRIC_TARGET)),
    Field(3, "container", One, Text),
]);

static AUTOSCALING_V2_CONTAINER_RESOURCE_METRIC_STATUS: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "current", One, Nested(&AUTOSCALING_V2_METRIC_VALUE_STATUS)),
    Field(3, "container", One, Text),
]);

static AUTOSCALING_V2_CROSS_VERSION_OBJECT_REFERENCE: Message = Message(&[
    Field(1, "kind", One, Text),
    Field(2, "name", One, Text),
    Field(3, "apiVersion", Sparse, Text),
]);

static AUTOSCALING_V2_EXTERNAL_METRIC_SOURCE: Message = Message(&[
    Field(1, "metric", One, Nested(&AUTOSCALING_V2_METRIC_IDENTIFIER)),
    Field(2, "target", One, Nested(&AUTOSCALING_V2_METRIC_TARGET)),
]);

static AUTOSCALING_V2_EXTERNAL_METRIC_STATUS: Message = Message(&[
    Field(1, "metric", One, Nested(&AUTOSCALING_V2_METRIC_IDENTIFIER)),
    Field(2, "current", One, Nested(&AUTOSCALING_V2_METRIC_VALUE_STATUS)),
]);

static AUTOSCALING_V2_HORIZONTAL_POD_AUTOSCALER: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&AUTOSCALING_V2_HORIZONTAL_POD_AUTOSCALER_SPEC)),
    Field(3, "status", One, Nested(&AUTOSCALING_V2_HORIZONTAL_POD_AUTOSCALER_STATUS)),
]);

static AUTOSCALING_V2_HORIZONTAL_POD_AUTOSCALER_BEHAVIOR: Message = Message(&[
    Field(1, "scaleUp", One, Nested(&AUTOSCALING_V2_HPA_SCALING_RULES)),
    Field(2, "scaleDown", One, Nested(&AUTOSCALING_V2_HPA_SCALING_RULES)),
]);

static AUTOSCALING_V2_HORIZONTAL_POD_AUTOSCALER_CONDITION: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "status", One, Text),
    Field(3, "lastTransitionTime", One, Time),
    Field(4, "reason", Sparse, Text),
    Field(5, "message", Sparse, Text),
]);

static AUTOSCALING_V2_HORIZONTAL_POD_AUTOSCALER_SPEC: Message = Message(&[
    Field(1, "scaleTargetRef", One, Nested(&AUTOSCALING_V2_CROSS_VERSION_OBJECT_REFERENCE)),
    Field(2, "minReplicas", One, Int32),
    Field(3, "maxReplicas", One, Int32),
    Field(4, "metrics", Many, Nested(&AUTOSCALING_V2_METRIC_SPEC)),
    Field(5, "behavior", One, Nested(&AUTOSCALING_V2_HORIZONTAL_POD_AUTOSCALER_BEHAVIOR)),
]);

static AUTOSCALING_V2_HORIZONTAL_POD_AUTOSCALER_STATUS: Message = Message(&[
    Field(1, "observedGeneration", One, Int64),
    Field(2, "lastScaleTime", One, Time),
    Field(3, "currentReplicas", Sparse, Int32),
    Field(4, "desiredReplicas", One, Int32),
    Field(5, "currentMetrics", Many, Nested(&AUTOSCALING_V2_METRIC_STATUS)),
    Field(6, "conditions", Many, Nested(&AUTOSCALING_V2_HORIZONTAL_POD_AUTOSCALER_CONDITION)),
]);

static AUTOSCALING_V2_HPA_SCALING_POLICY: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "value", One, Int32),
    Field(3, "periodSeconds", One, Int32),
]);

static AUTOSCALING_V2_HPA_SCALING_RULES: Message = Message(&[
    Field(1, "selectPolicy", One, Text),
    Field(2, "policies", Many, Nested(&AUTOSCALING_V2_HPA_SCALING_POLICY)),
    Field(3, "stabilizationWindowSeconds", One, Int32),
    Field(4, "tolerance", One, Quantity),
]);

static AUTOSCALING_V2_METRIC_IDENTIFIER: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "selector", One, Nested(&META_V1_LABEL_SELECTOR)),
]);

static AUTOSCALING_V2_METRIC_SPEC: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "object", One, Nested(&AUTOSCALING_V2_OBJECT_METRIC_SOURCE)),
    Field(3, "pods", One, Nested(&AUTOSCALING_V2_PODS_METRIC_SOURCE)),
    Field(4, "resource", One, Nested(&AUTOSCALING_V2_RESOURCE_METRIC_SOURCE)),
    Field(5, "external", One, Nested(&AUTOSCALING_V2_EXTERNAL_METRIC_SOURCE)),
    Field(7, "containerResource", One, Nested(&AUTOSCALING_V2_CONTAINER_RESOURCE_METRIC_SOURCE)),
]);

static AUTOSCALING_V2_METRIC_STATUS: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "object", One, Nested(&AUTOSCALING_V2_OBJECT_METRIC_STATUS)),
    Field(3, "pods", One, Nested(&AUTOSCALING_V2_PODS_METRIC_STATUS)),
    Field(4, "resource", One, Nested(&AUTOSCALING_V2_RESOURCE_METRIC_STATUS)),
    Field(5, "external", One, Nested(&AUTOSCALING_V2_EXTERNAL_METRIC_STATUS)),
    Field(7, "containerResource", One, Nested(&AUTOSCALING_V2_CONTAINER_RESOURCE_METRIC_STATUS)),
]);

static AUTOSCALING_V2_METRIC_TARGET: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "value", One, Quantity),
    Field(3, "averageValue", One, Quantity),
    Field(4, "averageUtilization", One, Int32),
]);

static AUTOSCALING_V2_METRIC_VALUE_STATUS: Message = Message(&[
    Field(1, "value", One, Quantity),
    Field(2, "averageValue", One, Quantity),
    Field(3, "averageUtilization", One, Int32),
]);

static AUTOSCALING_V2_OBJECT_METRIC_SOURCE: Message = Message(&[
    Field(1, "describedObject", One, Nested(&AUTOSCALING_V2_CROSS_VERSION_OBJECT_REFERENCE)),
    Field(2, "target", One, Nested(&AUTOSCALING_V2_METRIC_TARGET)),
    Field(3, "metric", One, Nested(&AUTOSCALING_V2_METRIC_IDENTIFIER)),
]);

static AUTOSCALING_V2_OBJECT_METRIC_STATUS: Message = Message(&[
    Field(1, "metric", One, Nested(&AUTOSCALING_V2_METRIC_IDENTIFIER)),
    Field(2, "current", One, Nested(&AUTOSCALING_V2_METRIC_VALUE_STATUS)),
    Field(3, "describedObject", One, Nested(&AUTOSCALING_V2_CROSS_VERSION_OBJECT_REFERENCE)),
]);

static AUTOSCALING_V2_PODS_METRIC_SOURCE: Message = Message(&[
    Field(1, "metric", One, Nested(&AUTOSCALING_V2_METRIC_IDENTIFIER)),
    Field(2, "target", One, Nested(&AUTOSCALING_V2_METRIC_TARGET)),
]);

static AUTOSCALING_V2_PODS_METRIC_STATUS: Message = Message(&[
    Field(1, "metric", One, Nested(&AUTOSCALING_V2_METRIC_IDENTIFIER)),
    Field(2, "current", One, Nested(&AUTOSCALING_V2_METRIC_VALUE_STATUS)),
]);

static AUTOSCALING_V2_RESOURCE_METRIC_SOURCE: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "target", One, Nested(&AUTOSCALING_V2_METRIC_TARGET)),
]);

static AUTOSCALING_V2_RESOURCE_METRIC_STATUS: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "current", One, Nested(&AUTOSCALING_V2_METRIC_VALUE_STATUS)),
]);

static BATCH_V1_CRON_JOB: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&BATCH_V1_CRON_JOB_SPEC)),
    Field(3, "status", One, Nested(&BATCH_V1_CRON_JOB_STATUS)),
]);

static BATCH_V1_CRON_JOB_SPEC: Message = Message(&[
    Field(1, "schedule", One, Text),
    Field(2, "startingDeadlineSeconds", One, Int64),
    Field(3, "concurrencyPolicy", Sparse, Text),
    Field(4, "suspend", One, Bool),
    Field(5, "jobTemplate", One, Nested(&BATCH_V1_JOB_TEMPLATE_SPEC)),
    Field(6, "successfulJobsHistoryLimit", One, Int32),
    Field(7, "failedJobsHistoryLimit", One, Int32),
    Field(8, "timeZone", One, Text),
]);

static BATCH_V1_CRON_JOB_STATUS: Message = Message(&[
    Field(1, "active", Many, Nested(&CORE_V1_OBJECT_REFERENCE)),
    Field(4, "lastScheduleTime", One, Time),
    Field(5, "lastSuccessfulTime", One, Time),
]);

static BATCH_V1_JOB: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&BATCH_V1_JOB_SPEC)),
    Field(3, "status", One, Nested(&BATCH_V1_JOB_STATUS)),
]);

static BATCH_V1_JOB_CONDITION: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "status", One, Text),
    Field(3, "lastProbeTime", One, Time),
    Field(4, "lastTransitionTime", One, Time),
    Field(5, "reason", Sparse, Text),
    Field(6, "message", Sparse, Text),
]);

static BATCH_V1_JOB_SPEC: Message = Message(&[
    Field(1, "parallelism", One, Int32),
    Field(2, "completions", One, Int32),
    Field(3, "activeDeadlineSeconds", One, Int64),
    Field(4, "selector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(5, "manualSelector", One, Bool),
    Field(6, "template", One, Nested(&CORE_V1_POD_TEMPLATE_SPEC)),
    Field(7, "backoffLimit", One, Int32),
    Field(8, "ttlSecondsAfterFinished", One, Int32),
    Field(9, "completionMode", One, Text),
    Field(10, "suspend", One, Bool),
    Field(11, "podFailurePolicy", One, Nested(&BATCH_V1_POD_FAILURE_POLICY)),
    Field(12, "backoffLimitPerIndex", One, Int32),
    Field(13, "maxFailedIndexes", One, Int32),
    Field(14, "podReplacementPolicy", One, Text),
    Field(15, "managedBy", One, Text),
    Field(16, "successPolicy", One, Nested(&BATCH_V1_SUCCESS_POLICY)),
]);

static BATCH_V1_JOB_STATUS: Message = Message(&[
    Field(1, "conditions", Many, Nested(&BATCH_V1_JOB_CONDITION)),
    Field(2, "startTime", One, Time),
    Field(3, "completionTime", One, Time),
    Field(4, "active", Sparse, Int32),
    Field(5, "succeeded", Sparse, Int32),
    Field(6, "failed", Sparse, Int32),
    Field(7, "completedIndexes", Sparse, Text),
    Field(8, "uncountedTerminatedPods", One, Nested(&BATCH_V1_UNCOUNTED_TERMINATED_PODS)),
    Field(9, "ready", One, Int32),
    Field(10, "failedIndexes", One, Text),
    Field(11, "terminating", One, Int32),
]);

static BATCH_V1_JOB_TEMPLATE_SPEC: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&BATCH_V1_JOB_SPEC)),
]);

static BATCH_V1_POD_FAILURE_POLICY: Message = Message(&[
    Field(1, "rules", Many, Nested(&BATCH_V1_POD_FAILURE_POLICY_RULE)),
]);

static BATCH_V1_POD_FAILURE_POLICY_ON_EXIT_CODES_REQUIREMENT: Message = Message(&[
    Field(1, "containerName", One, Text),
    Field(2, "operator", One, Text),
    Field(3, "values", Many, Int32),
]);

static BATCH_V1_POD_FAILURE_POLICY_ON_POD_CONDITIONS_PATTERN: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "status", One, Text),
]);

static BATCH_V1_POD_FAILURE_POLICY_RULE: Message = Message(&[
    Field(1, "action", One, Text),
    Field(2, "onExitCodes", One, Nested(&BATCH_V1_POD_FAILURE_POLICY_ON_EXIT_CODES_REQUIREMENT)),
    Field(3, "onPodConditions", Many, Nested(&BATCH_V1_POD_FAILURE_POLICY_ON_POD_CONDITIONS_PATTERN)),
]);

static BATCH_V1_SUCCESS_POLICY: Message = Message(&[
    Field(1, "rules", Many, Nested(&BATCH_V1_SUCCESS_POLICY_RULE)),
]);

static BATCH_V1_SUCCESS_POLICY_RULE: Message = Message(&[
    Field(1, "succeededIndexes", One, Text),
    Field(2, "succeededCount", One, Int32),
]);

static BATCH_V1_UNCOUNTED_TERMINATED_PODS: Message = Message(&[
    Field(1, "succeeded", Many, Text),
    Field(2, "failed", Many, Text),
]);

static CERTIFICATES_V1ALPHA1_CLUSTER_TRUST_BUNDLE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&CERTIFICATES_V1ALPHA1_CLUSTER_TRUST_BUNDLE_SPEC)),
]);

static CERTIFICATES_V1ALPHA1_CLUSTER_TRUST_BUNDLE_SPEC: Message = Message(&[
    Field(1, "signerName", Sparse, Text),
    Field(2, "trustBundle", One, Text),
]);

static CERTIFICATES_V1BETA1_CLUSTER_TRUST_BUNDLE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&CERTIFICATES_V1BETA1_CLUSTER_TRUST_BUNDLE_SPEC)),
]);

static CERTIFICATES_V1BETA1_CLUSTER_TRUST_BUNDLE_SPEC: Message = Message(&[
    Field(1, "signerName", Sparse, Text),
    Field(2, "trustBundle", One, Text),
]);

static CERTIFICATES_V1BETA1_POD_CERTIFICATE_REQUEST: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&CERTIFICATES_V1BETA1_POD_CERTIFICATE_REQUEST_SPEC)),
    Field(3, "status", One, Nested(&CERTIFICATES_V1BETA1_POD_CERTIFICATE_REQUEST_STATUS)),
]);

static CERTIFICATES_V1BETA1_POD_CERTIFICATE_REQUEST_SPEC: Message = Message(&[
    Field(1, "signerName", One, Text),
    Field(2, "podName", One, Text),
    Field(3, "podUID", One, Text),
    Field(4, "serviceAccountName", One, Text),
    Field(5, "serviceAccountUID", One, Text),
    Field(6, "nodeName", One, Text),
    Field(7, "nodeUID", One, Text),
    Field(8, "maxExpirationSeconds", One, Int32),
    Field(9, "pkixPublicKey", One, Bytes),
    Field(10, "proofOfPossession", One, Bytes),
    Field(11, "unverifiedUserAnnotations", Map, Text),
    Field(12, "stubPKCS10Request", One, Bytes),
]);

static CERTIFICATES_V1BETA1_POD_CERTIFICATE_REQUEST_STATUS: Message = Message(&[
    Field(1, "conditions", Many, Nested(&META_V1_CONDITION)),
    Field(2, "certificateChain", Sparse, Text),
    Field(4, "notBefore", One, Time),
    Field(5, "beginRefreshAt", One, Time),
    Field(6, "notAfter", One, Time),
]);

static CERTIFICATES_V1_CERTIFICATE_SIGNING_REQUEST: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&CERTIFICATES_V1_CERTIFICATE_SIGNING_REQUEST_SPEC)),
    Field(3, "status", One, Nested(&CERTIFICATES_V1_CERTIFICATE_SIGNING_REQUEST_STATUS)),
]);

static CERTIFICATES_V1_CERTIFICATE_SIGNING_REQUEST_CONDITION: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "reason", Sparse, Text),
    Field(3, "message", Sparse, Text),
    Field(4, "lastUpdateTime", One, Time),
    Field(5, "lastTransitionTime", One, Time),
    Field(6, "status", One, Text),
]);

static CERTIFICATES_V1_CERTIFICATE_SIGNING_REQUEST_SPEC: Message = Message(&[
    Field(1, "request", One, Bytes),
    Field(2, "username", Sparse, Text),
    Field(3, "uid", Sparse, Text),
    Field(4, "groups", Many, Text),
    Field(5, "usages", Many, Text),
    Field(6, "extra", Map, Texts),
    Field(7, "signerName", One, Text),
    Field(8, "expirationSeconds", One, Int32),
]);

static CERTIFICATES_V1_CERTIFICATE_SIGNING_REQUEST_STATUS: Message = Message(&[
    Field(1, "conditions", Many, Nested(&CERTIFICATES_V1_CERTIFICATE_SIGNING_REQUEST_CONDITION)),
    Field(2, "certificate", Sparse, Bytes),
]);

static COORDINATION_V1ALPHA2_LEASE_CANDIDATE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&COORDINATION_V1ALPHA2_LEASE_CANDIDATE_SPEC)),
]);

static COORDINATION_V1ALPHA2_LEASE_CANDIDATE_SPEC: Message = Message(&[
    Field(1, "leaseName", One, Text),
    Field(2, "pingTime", One, MicroTime),
    Field(3, "renewTime", One, MicroTime),
    Field(4, "binaryVersion", One, Text),
    Field(5, "emulationVersion", Sparse, Text),
    Field(6, "strategy", Sparse, Text),
]);

static COORDINATION_V1BETA1_LEASE_CANDIDATE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&COORDINATION_V1BETA1_LEASE_CANDIDATE_SPEC)),
]);

static COORDINATION_V1BETA1_LEASE_CANDIDATE_SPEC: Message = Message(&[
    Field(1, "leaseName", One, Text),
    Field(2, "pingTime", One, MicroTime),
    Field(3, "renewTime", One, MicroTime),
    Field(4, "binaryVersion", One, Text),
    Field(5, "emulationVersion", Sparse, Text),
    Field(6, "strategy", Sparse, Text),
]);

static COORDINATION_V1_LEASE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&COORDINATION_V1_LEASE_SPEC)),
]);

static COORDINATION_V1_LEASE_SPEC: Message = Message(&[
    Field(1, "holderIdentity", One, Text),
    Field(2, "leaseDurationSeconds", One, Int32),
    Field(3, "acquireTime", One, MicroTime),
    Field(4, "renewTime", One, MicroTime),
    Field(5, "leaseTransitions", One, Int32),
    Field(6, "strategy", One, Text),
    Field(7, "preferredHolder", One, Text),
]);

static CORE_V1_AFFINITY: Message = Message(&[
    Field(1, "nodeAffinity", One, Nested(&CORE_V1_NODE_AFFINITY)),
    Field(2, "podAffinity", One, Nested(&CORE_V1_POD_AFFINITY)),
    Field(3, "podAntiAffinity", One, Nested(&CORE_V1_POD_ANTI_AFFINITY)),
]);

static CORE_V1_APP_ARMOR_PROFILE: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "localhostProfile", One, Text),
]);

static CORE_V1_ATTACHED_VOLUME: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "devicePath", One, Text),
]);

static CORE_V1_AWS_ELASTIC_BLOCK_STORE_VOLUME_SOURCE: Message = Message(&[
    Field(1, "volumeID", One, Text),
    Field(2, "fsType", Sparse, Text),
    Field(3, "partition", Sparse, Int32),
    Field(4, "readOnly", Sparse, Bool),
]);

static CORE_V1_AZURE_DISK_VOLUME_SOURCE: Message = Message(&[
    Field(1, "diskName", One, Text),
    Field(2, "diskURI", One, Text),
    Field(3, "cachingMode", One, Text),
    Field(4, "fsType", One, Text),
    Field(5, "readOnly", One, Bool),
    Field(6, "kind", One, Text),
]);

static CORE_V1_AZURE_FILE_PERSISTENT_VOLUME_SOURCE: Message = Message(&[
    Field(1, "secretName", One, Text),
    Field(2, "shareName", One, Text),
    Field(3, "readOnly", Sparse, Bool),
    Field(4, "secretNamespace", One, Text),
]);

static CORE_V1_AZURE_FILE_VOLUME_SOURCE: Message = Message(&[
    Field(1, "secretName", One, Text),
    Field(2, "shareName", One, Text),
    Field(3, "readOnly", Sparse, Bool),
]);

static CORE_V1_BINDING: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "target", One, Nested(&CORE_V1_OBJECT_REFERENCE)),
]);

static CORE_V1_CAPABILITIES: Message = Message(&[
    Field(1, "add", Many, Text),
    Field(2, "drop", Many, Text),
]);

static CORE_V1_CEPH_FS_PERSISTENT_VOLUME_SOURCE: Message = Message(&[
    Field(1, "monitors", Many, Text),
    Field(2, "path", Sparse, Text),
    Field(3, "user", Sparse, Text),
    Field(4, "secretFile", Sparse, Text),
    Field(5, "secretRef", One, Nested(&CORE_V1_SECRET_REFERENCE)),
    Field(6, "readOnly", Sparse, Bool),
]);

static CORE_V1_CEPH_FS_VOLUME_SOURCE: Message = Message(&[
    Field(1, "monitors", Many, Text),
    Field(2, "path", Sparse, Text),
    Field(3, "user", Sparse, Text),
    Field(4, "secretFile", Sparse, Text),
    Field(5, "secretRef", One, Nested(&CORE_V1_LOCAL_OBJECT_REFERENCE)),
    Field(6, "readOnly", Sparse, Bool),
]);

static CORE_V1_CINDER_PERSISTENT_VOLUME_SOURCE: Message = Message(&[
    Field(1, "volumeID", One, Text),
    Field(2, "fsType", Sparse, Text),
    Field(3, "readOnly", Sparse, Bool),
    Field(4, "secretRef", One, Nested(&CORE_V1_SECRET_REFERENCE)),
]);

static CORE_V1_CINDER_VOLUME_SOURCE: Message = Message(&[
    Field(1, "volumeID", One, Text),
    Field(2, "fsType", Sparse, Text),
    Field(3, "readOnly", Sparse, Bool),
    Field(4, "secretRef", One, Nested(&CORE_V1_LOCAL_OBJECT_REFERENCE)),
]);

static CORE_V1_CLIENT_IP_CONFIG: Message = Message(&[
    Field(1, "timeoutSeconds", One, Int32),
]);

static CORE_V1_CLUSTER_TRUST_BUNDLE_PROJECTION: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "signerName", One, Text),
    Field(3, "labelSelector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(4, "path", One, Text),
    Field(5, "optional", One, Bool),
]);

static CORE_V1_COMPONENT_CONDITION: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "status", One, Text),
    Field(3, "message", Sparse, Text),
    Field(4, "error", Sparse, Text),
]);

static CORE_V1_COMPONENT_STATUS: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "conditions", Many, Nested(&CORE_V1_COMPONENT_CONDITION)),
]);

static CORE_V1_CONFIG_MAP: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "data", Map, Text),
    Field(3, "binaryData", Map, Bytes),
    Field(4, "immutable", One, Bool),
]);

static CORE_V1_CONFIG_MAP_ENV_SOURCE: Message = Message(&[
    Field(1, "", One, Inlined(&CORE_V1_LOCAL_OBJECT_REFERENCE)),
    Field(2, "optional", One, Bool),
]);

static CORE_V1_CONFIG_MAP_KEY_SELECTOR: Message = Message(&[
    Field(1, "", One, Inlined(&CORE_V1_LOCAL_OBJECT_REFERENCE)),
    Field(2, "key", One, Text),
    Field(3, "optional", One, Bool),
]);

static CORE_V1_CONFIG_MAP_NODE_CONFIG_SOURCE: Message = Message(&[
    Field(1, "namespace", One, Text),
    Field(2, "name", One, Text),
    Field(3, "uid", Sparse, Text),
    Field(4, "resourceVersion", Sparse, Text),
    Field(5, "kubeletConfigKey", One, Text),
]);

static CORE_V1_CONFIG_MAP_PROJECTION: Message = Message(&[
    Field(1, "", One, Inlined(&CORE_V1_LOCAL_OBJECT_REFERENCE)),
    Field(2, "items", Many, Nested(&CORE_V1_KEY_TO_PATH)),
    Field(4, "optional", One, Bool),
]);

static CORE_V1_CONFIG_MAP_VOLUME_SOURCE: Message = Message(&[
    Field(1, "", One, Inlined(&CORE_V1_LOCAL_OBJECT_REFERENCE)),
    Field(2, "items", Many, Nested(&CORE_V1_KEY_TO_PATH)),
    Field(3, "defaultMode", One, Int32),
    Field(4, "optional", One, Bool),
]);

static CORE_V1_CONTAINER: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "image", Sparse, Text),
    Field(3, "command", Many, Text),
    Field(4, "args", Many, Text),
    Field(5, "workingDir", Sparse, Text),
    Field(6, "ports", Many, Nested(&CORE_V1_CONTAINER_PORT)),
    Field(7, "env", Many, Nested(&CORE_V1_ENV_VAR)),
    Field(8, "resources", One, Nested(&CORE_V1_RESOURCE_REQUIREMENTS)),
    Field(9, "volumeMounts", Many, Nested(&CORE_V1_VOLUME_MOUNT)),
    Field(10, "livenessProbe", One, Nested(&CORE_V1_PROBE)),
    Field(11, "readinessProbe", One, Nested(&CORE_V1_PROBE)),
    Field(12, "lifecycle", One, Nested(&CORE_V1_LIFECYCLE)),
    Field(13, "terminationMessagePath", Sparse, Text),
    Field(14, "imagePullPolicy", Sparse, Text),
    Field(15, "securityContext", One, Nested(&CORE_V1_SECURITY_CONTEXT)),
    Field(16, "stdin", Sparse, Bool),
    Field(17, "stdinOnce", Sparse, Bool),
    Field(18, "tty", Sparse, Bool),
    Field(19, "envFrom", Many, Nested(&CORE_V1_ENV_FROM_SOURCE)),
    Field(20, "terminationMessagePolicy", Sparse, Text),
    Field(21, "volumeDevices", Many, Nested(&CORE_V1_VOLUME_DEVICE)),
    Field(22, "startupProbe", One, Nested(&CORE_V1_PROBE)),
    Field(23, "resizePolicy", Many, Nested(&CORE_V1_CONTAINER_RESIZE_POLICY)),
    Field(24, "restartPolicy", One, Text),
    Field(25, "restartPolicyRules", Many, Nested(&CORE_V1_CONTAINER_RESTART_RULE)),
]);

static CORE_V1_CONTAINER_EXTENDED_RESOURCE_REQUEST: Message = Message(&[
    Field(1, "containerName", One, Text),
    Field(2, "resourceName", One, Text),
    Field(3, "requestName", One, Text),
]);

static CORE_V1_CONTAINER_IMAGE: Message = Message(&[
    Field(1, "names", Many, Text),
    Field(2, "sizeBytes", Sparse, Int64),
]);

static CORE_V1_CONTAINER_PORT: Message = Message(&[
    Field(1, "name", Sparse, Text),
    Field(2, "hostPort", Sparse, Int32),
    Field(3, "containerPort", One, Int32),
    Field(4, "protocol", Sparse, Text),
    Field(5, "hostIP", Sparse, Text),
]);

static CORE_V1_CONTAINER_RESIZE_POLICY: Message = Message(&[
    Field(1, "resourceName", One, Text),
    Field(2, "restartPolicy", One, Text),
]);

static CORE_V1_CONTAINER_RESTART_RULE: Message = Message(&[
    Field(1, "action", Sparse, Text),
    Field(2, "exitCodes", One, Nested(&CORE_V1_CONTAINER_RESTART_RULE_ON_EXIT_CODES)),
]);

static CORE_V1_CONTAINER_RESTART_RULE_ON_EXIT_CODES: Message = Message(&[
    Field(1, "operator", Sparse, Text),
    Field(2, "values", Many, Int32),
]);

static CORE_V1_CONTAINER_STATE: Message = Message(&[
    Field(1, "waiting", One, Nested(&CORE_V1_CONTAINER_STATE_WAITING)),
    Field(2, "running", One, Nested(&CORE_V1_CONTAINER_STATE_RUNNING)),
    Field(3, "terminated", One, Nested(&CORE_V1_CONTAINER_STATE_TERMINATED)),
]);

static CORE_V1_CONTAINER_STATE_RUNNING: Message = Message(&[
    Field(1, "startedAt", One, Time),
]);

static CORE_V1_CONTAINER_STATE_TERMINATED: Message = Message(&[
    Field(1, "exitCode", One, Int32),
    Field(2, "signal", Sparse, Int32),
    Field(3, "reason", Sparse, Text),
    Field(4, "message", Sparse, Text),
    Field(5, "startedAt", One, Time),
    Field(6, "finishedAt", One, Time),
    Field(7, "containerID", Sparse, Text),
]);

static CORE_V1_CONTAINER_STATE_WAITING: Message = Message(&[
    Field(1, "reason", Sparse, Text),
    Field(2, "message", Sparse, Text),
]);

static CORE_V1_CONTAINER_STATUS: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "state", One, Nested(&CORE_V1_CONTAINER_STATE)),
    Field(3, "lastState", One, Nested(&CORE_V1_CONTAINER_STATE)),
    Field(4, "ready", One, Bool),
    Field(5, "restartCount", One, Int32),
    Field(6, "image", One, Text),
    Field(7, "imageID", One, Text),
    Field(8, "containerID", Sparse, Text),
    Field(9, "started", One, Bool),
    Field(10, "allocatedResources", Map, Quantity),
    Field(11, "resources", One, Nested(&CORE_V1_RESOURCE_REQUIREMENTS)),
    Field(12, "volumeMounts", Many, Nested(&CORE_V1_VOLUME_MOUNT_STATUS)),
    Field(13, "user", One, Nested(&CORE_V1_CONTAINER_USER)),
    Field(14, "allocatedResourcesStatus", Many, Nested(&CORE_V1_RESOURCE_STATUS)),
    Field(15, "stopSignal", One, Text),
]);

static CORE_V1_CONTAINER_USER: Message = Message(&[
    Field(1, "linux", One, Nested(&CORE_V1_LINUX_CONTAINER_USER)),
]);

static CORE_V1_CSI_PERSISTENT_VOLUME_SOURCE: Message = Message(&[
    Field(1, "driver", One, Text),
    Field(2, "volumeHandle", One, Text),
    Field(3, "readOnly", Sparse, Bool),
    Field(4, "fsType", Sparse, Text),
    Field(5, "volumeAttributes", Map, Text),
    Field(6, "controllerPublishSecretRef", One, Nested(&CORE_V1_SECRET_REFERENCE)),
    Field(7, "nodeStageSecretRef", One, Nested(&CORE_V1_SECRET_REFERENCE)),
    Field(8, "nodePublishSecretRef", One, Nested(&CORE_V1_SECRET_REFERENCE)),
    Field(9, "controllerExpandSecretRef", One, Nested(&CORE_V1_SECRET_REFERENCE)),
    Field(10, "nodeExpandSecretRef", One, Nested(&CORE_V1_SECRET_REFERENCE)),
]);

static CORE_V1_CSI_VOLUME_SOURCE: Message = Message(&[
    Field(1, "driver", One, Text),
    Field(2, "readOnly", One, Bool),
    Field(3, "fsType", One, Text),
    Field(4, "volumeAttributes", Map, Text),
    Field(5, "nodePublishSecretRef", One, Nested(&CORE_V1_LOCAL_OBJECT_REFERENCE)),
]);

static CORE_V1_DAEMON_ENDPOINT: Message = Message(&[
    Field(1, "Port", One, Int32),
]);

static CORE_V1_DOWNWARD_API_PROJECTION: Message = Message(&[
    Field(1, "items", Many, Nested(&CORE_V1_DOWNWARD_API_VOLUME_FILE)),
]);

static CORE_V1_DOWNWARD_API_VOLUME_FILE: Message = Message(&[
    Field(1, "path", One, Text),
    Field(2, "fieldRef", One, Nested(&CORE_V1_OBJECT_FIELD_SELECTOR)),
    Field(3, "resourceFieldRef", One, Nested(&CORE_V1_RESOURCE_FIELD_SELECTOR)),
    Field(4, "mode", One, Int32),
]);

static CORE_V1_DOWNWARD_API_VOLUME_SOURCE: Message = Message(&[
    Field(1, "items", Many, Nested(&CORE_V1_DOWNWARD_API_VOLUME_FILE)),
    Field(2, "defaultMode", One, Int32),
]);

static CORE_V1_EMPTY_DIR_VOLUME_SOURCE: Message = Message(&[
    Field(1, "medium", Sparse, Text),
    Field(2, "sizeLimit", One, Quantity),
]);

static CORE_V1_ENDPOINTS: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "subsets", Many, Nested(&CORE_V1_ENDPOINT_SUBSET)),
]);

static CORE_V1_ENDPOINT_ADDRESS: Message = Message(&[
    Field(1, "ip", One, Text),
    Field(2, "targetRef", One, Nested(&CORE_V1_OBJECT_REFERENCE)),
    Field(3, "hostname", Sparse, Text),
    Field(4, "nodeName", One, Text),
]);

static CORE_V1_ENDPOINT_PORT: Message = Message(&[
    Field(1, "name", Sparse, Text),
    Field(2, "port", One, Int32),
    Field(3, "protocol", Sparse, Text),
    Field(4, "appProtocol", One, Text),
]);

static CORE_V1_ENDPOINT_SUBSET: Message = Message(&[
    Field(1, "addresses", Many, Nested(&CORE_V1_ENDPOINT_ADDRESS)),
    Field(2, "notReadyAddresses", Many, Nested(&CORE_V1_ENDPOINT_ADDRESS)),
    Field(3, "ports", Many, Nested(&CORE_V1_ENDPOINT_PORT)),
]);

static CORE_V1_ENV_FROM_SOURCE: Message = Message(&[
    Field(1, "prefix", Sparse, Text),
    Field(2, "configMapRef", One, Nested(&CORE_V1_CONFIG_MAP_ENV_SOURCE)),
    Field(3, "secretRef", One, Nested(&CORE_V1_SECRET_ENV_SOURCE)),
]);

static CORE_V1_ENV_VAR: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "value", Sparse, Text),
    Field(3, "valueFrom", One, Nested(&CORE_V1_ENV_VAR_SOURCE)),
]);

static CORE_V1_ENV_VAR_SOURCE: Message = Message(&[
    Field(1, "fieldRef", One, Nested(&CORE_V1_OBJECT_FIELD_SELECTOR)),
    Field(2, "resourceFieldRef", One, Nested(&CORE_V1_RESOURCE_FIELD_SELECTOR)),
    Field(3, "configMapKeyRef", One, Nested(&CORE_V1_CONFIG_MAP_KEY_SELECTOR)),
    Field(4, "secretKeyRef", One, Nested(&CORE_V1_SECRET_KEY_SELECTOR)),
    Field(5, "fileKeyRef", One, Nested(&CORE_V1_FILE_KEY_SELECTOR)),
]);

static CORE_V1_EPHEMERAL_CONTAINER: Message = Message(&[
    Field(1, "", One, Inlined(&CORE_V1_EPHEMERAL_CONTAINER_COMMON)),
    Field(2, "targetContainerName", Sparse, Text),
]);

static CORE_V1_EPHEMERAL_CONTAINER_COMMON: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "image", Sparse, Text),
    Field(3, "command", Many, Text),
    Field(4, "args", Many, Text),
    Field(5, "workingDir", Sparse, Text),
    Field(6, "ports", Many, Nested(&CORE_V1_CONTAINER_PORT)),
    Field(7, "env", Many, Nested(&CORE_V1_ENV_VAR)),
    Field(8, "resources", One, Nested(&CORE_V1_RESOURCE_REQUIREMENTS)),
    Field(9, "volumeMounts", Many, Nested(&CORE_V1_VOLUME_MOUNT)),
    Field(10, "livenessProbe", One, Nested(&CORE_V1_PROBE)),
    Field(11, "readinessProbe", One, Nested(&CORE_V1_PROBE)),
    Field(12, "lifecycle", One, Nested(&CORE_V1_LIFECYCLE)),
    Field(13, "terminationMessagePath", Sparse, Text),
    Field(14, "imagePullPolicy", Sparse, Text),
    Field(15, "securityContext", One, Nested(&CORE_V1_SECURITY_CONTEXT)),
    Field(16, "stdin", Sparse, Bool),
    Field(17, "stdinOnce", Sparse, Bool),
    Field(18, "tty", Sparse, Bool),
    Field(19, "envFrom", Many, Nested(&CORE_V1_ENV_FROM_SOURCE)),
    Field(20, "terminationMessagePolicy", Sparse, Text),
    Field(21, "volumeDevices", Many, Nested(&CORE_V1_VOLUME_DEVICE)),
    Field(22, "startupProbe", One, Nested(&CORE_V1_PROBE)),
    Field(23, "resizePolicy", Many, Nested(&CORE_V1_CONTAINER_RESIZE_POLICY)),
    Field(24, "restartPolicy", One, Text),
    Field(25, "restartPolicyRules", Many, Nested(&CORE_V1_CONTAINER_RESTART_RULE)),
]);

static CORE_V1_EPHEMERAL_VOLUME_SOURCE: Message = Message(&[
    Field(1, "volumeClaimTemplate", One, Nested(&CORE_V1_PERSISTENT_VOLUME_CLAIM_TEMPLATE)),
]);

static CORE_V1_EVENT: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "involvedObject", One, Nested(&CORE_V1_OBJECT_REFERENCE)),
    Field(3, "reason", Sparse, Text),
    Field(4, "message", Sparse, Text),
    Field(5, "source", One, Nested(&CORE_V1_EVENT_SOURCE)),
    Field(6, "firstTimestamp", One, Time),
    Field(7, "lastTimestamp", One, Time),
    Field(8, "count", Sparse, Int32),
    Field(9, "type", Sparse, Text),
    Field(10, "eventTime", One, MicroTime),
    Field(11, "series", One, Nested(&CORE_V1_EVENT_SERIES)),
    Field(12, "action", Sparse, Text),
    Field(13, "related", One, Nested(&CORE_V1_OBJECT_REFERENCE)),
    Field(14, "reportingComponent", One, Text),
    Field(15, "reportingInstance", One, Text),
]);

static CORE_V1_EVENT_SERIES: Message = Message(&[
    Field(1, "count", Sparse, Int32),
    Field(2, "lastObservedTime", One, MicroTime),
]);

static CORE_V1_EVENT_SOURCE: Message = Message(&[
    Field(1, "component", Sparse, Text),
    Field(2, "host", Sparse, Text),
]);

static CORE_V1_EXEC_ACTION: Message = Message(&[
    Field(1, "command", Many, Text),
]);

static CORE_V1_FC_VOLUME_SOURCE: Message = Message(&[
    Field(1, "targetWWNs", Many, Text),
    Field(2, "lun", One, Int32),
    Field(3, "fsType", Sparse, Text),
    Field(4, "readOnly", Sparse, Bool),
    Field(5, "wwids", Many, Text),
]);

static CORE_V1_FILE_KEY_SELECTOR: Message = Message(&[
    Field(1, "volumeName", One, Text),
    Field(2, "path", One, Text),
    Field(3, "key", One, Text),
    Field(4, "optional", One, Bool),
]);

static CORE_V1_FLEX_PERSISTENT_VOLUME_SOURCE: Message = Message(&[
    Field(1, "driver", One, Text),
    Field(2, "fsType", Sparse, Text),
    Field(3, "secretRef", One, Nested(&CORE_V1_SECRET_REFERENCE)),
    Field(4, "readOnly", Sparse, Bool),
    Field(5, "options", Map, Text),
]);

static CORE_V1_FLEX_VOLUME_SOURCE: Message = Message(&[
    Field(1, "driver", One, Text),
    Field(2, "fsType", Sparse, Text),
    Field(3, "secretRef", One, Nested(&CORE_V1_LOCAL_OBJECT_REFERENCE)),
    Field(4, "readOnly", Sparse, Bool),
    Field(5, "options", Map, Text),
]);

static CORE_V1_FLOCKER_VOLUME_SOURCE: Message = Message(&[
    Field(1, "datasetName", Sparse, Text),
    Field(2, "datasetUUID", Sparse, Text),
]);

static CORE_V1_GCE_PERSISTENT_DISK_VOLUME_SOURCE: Message = Message(&[
    Field(1, "pdName", One, Text),
    Field(2, "fsType", Sparse, Text),
    Field(3, "partition", Sparse, Int32),
    Field(4, "readOnly", Sparse, Bool),
]);

static CORE_V1_GIT_REPO_VOLUME_SOURCE: Message = Message(&[
    Field(1, "repository", One, Text),
    Field(2, "revision", Sparse, Text),
    Field(3, "directory", Sparse, Text),
]);

static CORE_V1_GLUSTERFS_PERSISTENT_VOLUME_SOURCE: Message = Message(&[
    Field(1, "endpoints", One, Text),
    Field(2, "path", One, Text),
    Field(3, "readOnly", Sparse, Bool),
    Field(4, "endpointsNamespace", One, Text),
]);

static CORE_V1_GLUSTERFS_VOLUME_SOURCE: Message = Message(&[
    Field(1, "endpoints", One, Text),
    Field(2, "path", One, Text),
    Field(3, "readOnly", Sparse, Bool),
]);

static CORE_V1_GRPC_ACTION: Message = Message(&[
    Field(1, "port", One, Int32),
    Field(2, "service", One, Text),
]);

static CORE_V1_HOST_ALIAS: Message = Message(&[
    Field(1, "ip", One, Text),
    Field(2, "hostnames", Many, Text),
]);

static CORE_V1_HOST_IP: Message = Message(&[
    Field(1, "ip", One, Text),
]);

static CORE_V1_HOST_PATH_VOLUME_SOURCE: Message = Message(&[
    Field(1, "path", One, Text),
    Field(2, "type", One, Text),
]);

static CORE_V1_HTTP_GET_ACTION: Message = Message(&[
    Field(1, "path", Sparse, Text),
    Field(2, "port", One, IntOrString),
    Field(3, "host", Sparse, Text),
    Field(4, "scheme", Sparse, Text),
    Field(5, "httpHeaders", Many, Nested(&CORE_V1_HTTP_HEADER)),
]);

static CORE_V1_HTTP_HEADER: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "value", One, Text),
]);

static CORE_V1_IMAGE_VOLUME_SOURCE: Message = Message(&[
    Field(1, "reference", Sparse, Text),
    Field(2, "pullPolicy", Sparse, Text),
]);

static CORE_V1_IMAGE_VOLUME_STATUS: Message = Message(&[
    Field(1, "imageRef", Sparse, Text),
]);

static CORE_V1_ISCSI_PERSISTENT_VOLUME_SOURCE: Message = Message(&[
    Field(1, "targetPortal", One, Text),
    Field(2, "iqn", One, Text),
    Field(3, "lun", One, Int32),
    Field(4, "iscsiInterface", Sparse, Text),
    Field(5, "fsType", Sparse, Text),
    Field(6, "readOnly", Sparse, Bool),
    Field(7, "portals", Many, Text),
    Field(8, "chapAuthDiscovery", Sparse, Bool),
    Field(10, "secretRef", One, Nested(&CORE_V1_SECRET_REFERENCE)),
    Field(11, "chapAuthSession", Sparse, Bool),
    Field(12, "initiatorName", One, Text),
]);

static CORE_V1_ISCSI_VOLUME_SOURCE: Message = Message(&[
    Field(1, "targetPortal", One, Text),
    Field(2, "iqn", One, Text),
    Field(3, "lun", One, Int32),
    Field(4, "iscsiInterface", Sparse, Text),
    Field(5, "fsType", Sparse, Text),
    Field(6, "readOnly", Sparse, Bool),
    Field(7, "portals", Many, Text),
    Field(8, "chapAuthDiscovery", Sparse, Bool),
    Field(10, "secretRef", One, Nested(&CORE_V1_LOCAL_OBJECT_REFERENCE)),
    Field(11, "chapAuthSession", Sparse, Bool),
    Field(12, "initiatorName", One, Text),
]);

static CORE_V1_KEY_TO_PATH: Message = Message(&[
    Field(1, "key", One, Text),
    Field(2, "path", One, Text),
    Field(3, "mode", One, Int32),
]);

static CORE_V1_LIFECYCLE: Message = Message(&[
    Field(1, "postStart", One, Nested(&CORE_V1_LIFECYCLE_HANDLER)),
    Field(2, "preStop", One, Nested(&CORE_V1_LIFECYCLE_HANDLER)),
    Field(3, "stopSignal", One, Text),
]);

static CORE_V1_LIFECYCLE_HANDLER: Message = Message(&[
    Field(1, "exec", One, Nested(&CORE_V1_EXEC_ACTION)),
    Field(2, "httpGet", One, Nested(&CORE_V1_HTTP_GET_ACTION)),
    Field(3, "tcpSocket", One, Nested(&CORE_V1_TCP_SOCKET_ACTION)),
    Field(4, "sleep", One, Nested(&CORE_V1_SLEEP_ACTION)),
]);

static CORE_V1_LIMIT_RANGE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&CORE_V1_LIMIT_RANGE_SPEC)),
]);

static CORE_V1_LIMIT_RANGE_ITEM: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "max", Map, Quantity),
    Field(3, "min", Map, Quantity),
    Field(4, "default", Map, Quantity),
    Field(5, "defaultRequest", Map, Quantity),
    Field(6, "maxLimitRequestRatio", Map, Quantity),
]);

static CORE_V1_LIMIT_RANGE_SPEC: Message = Message(&[
    Field(1, "limits", Many, Nested(&CORE_V1_LIMIT_RANGE_ITEM)),
]);

static CORE_V1_LINUX_CONTAINER_USER: Message = Message(&[
    Field(1, "uid", One, Int64),
    Field(2, "gid", One, Int64),
    Field(3, "supplementalGroups", Many, Int64),
]);

static CORE_V1_LOAD_BALANCER_INGRESS: Message = Message(&[
    Field(1, "ip", Sparse, Text),
    Field(2, "hostname", Sparse, Text),
    Field(3, "ipMode", One, Text),
    Field(4, "ports", Many, Nested(&CORE_V1_PORT_STATUS)),
]);

static CORE_V1_LOAD_BALANCER_STATUS: Message = Message(&[
    Field(1, "ingress", Many, Nested(&CORE_V1_LOAD_BALANCER_INGRESS)),
]);

static CORE_V1_LOCAL_OBJECT_REFERENCE: Message = Message(&[
    Field(1, "name", Sparse, Text),
]);

static CORE_V1_LOCAL_VOLUME_SOURCE: Message = Message(&[
    Field(1, "path", One, Text),
    Field(2, "fsType", One, Text),
]);

static CORE_V1_MODIFY_VOLUME_STATUS: Message = Message(&[
    Field(1, "targetVolumeAttributesClassName", Sparse, Text),
    Field(2, "status", One, Text),
]);

static CORE_V1_NAMESPACE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&CORE_V1_NAMESPACE_SPEC)),
    Field(3, "status", One, Nested(&CORE_V1_NAMESPACE_STATUS)),
]);

static CORE_V1_NAMESPACE_CONDITION: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "status", One, Text),
    Field(4, "lastTransitionTime", One, Time),
    Field(5, "reason", Sparse, Text),
    Field(6, "message", Sparse, Text),
]);

static CORE_V1_NAMESPACE_SPEC: Message = Message(&[
    Field(1, "finalizers", Many, Text),
]);

static CORE_V1_NAMESPACE_STATUS: Message = Message(&[
    Field(1, "phase", Sparse, Text),
    Field(2, "conditions", Many, Nested(&CORE_V1_NAMESPACE_CONDITION)),
]);

static CORE_V1_NFS_VOLUME_SOURCE: Message = Message(&[
    Field(1, "server", One, Text),
    Field(2, "path", One, Text),
    Field(3, "readOnly", Sparse, Bool),
]);

static CORE_V1_NODE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&CORE_V1_NODE_SPEC)),
    Field(3, "status", One, Nested(&CORE_V1_NODE_STATUS)),
]);

static CORE_V1_NODE_ADDRESS: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "address", One, Text),
]);

static CORE_V1_NODE_AFFINITY: Message = Message(&[
    Field(1, "requiredDuringSchedulingIgnoredDuringExecution", One, Nested(&CORE_V1_NODE_SELECTOR)),
    Field(2, "preferredDuringSchedulingIgnoredDuringExecution", Many, Nested(&CORE_V1_PREFERRED_SCHEDULING_TERM)),
]);

static CORE_V1_NODE_ALLOCATABLE_RESOURCE_CLAIM_STATUS: Message = Message(&[
    Field(1, "resourceClaimName", One, Text),
    Field(2, "containers", Many, Text),
    Field(3, "resources", Map, Quantity),
]);

static CORE_V1_NODE_CONDITION: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "status", One, Text),
    Field(3, "lastHeartbeatTime", One, Time),
    Field(4, "lastTransitionTime", One, Time),
    Field(5, "reason", Sparse, Text),
    Field(6, "message", Sparse, Text),
]);

static CORE_V1_NODE_CONFIG_SOURCE: Message = Message(&[
    Field(2, "configMap", One, Nested(&CORE_V1_CONFIG_MAP_NODE_CONFIG_SOURCE)),
]);

static CORE_V1_NODE_CONFIG_STATUS: Message = Message(&[
    Field(1, "assigned", One, Nested(&CORE_V1_NODE_CONFIG_SOURCE)),
    Field(2, "active", One, Nested(&CORE_V1_NODE_CONFIG_SOURCE)),
    Field(3, "lastKnownGood", One, Nested(&CORE_V1_NODE_CONFIG_SOURCE)),
    Field(4, "error", Sparse, Text),
]);

static CORE_V1_NODE_DAEMON_ENDPOINTS: Message = Message(&[
    Field(1, "kubeletEndpoint", One, Nested(&CORE_V1_DAEMON_ENDPOINT)),
]);

static CORE_V1_NODE_FEATURES: Message = Message(&[
    Field(1, "supplementalGroupsPolicy", One, Bool),
]);

static CORE_V1_NODE_RUNTIME_HANDLER: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "features", One, Nested(&CORE_V1_NODE_RUNTIME_HANDLER_FEATURES)),
]);

static CORE_V1_NODE_RUNTIME_HANDLER_FEATURES: Message = Message(&[
    Field(1, "recursiveReadOnlyMounts", One, Bool),
    Field(2, "userNamespaces", One, Bool),
]);

static CORE_V1_NODE_SELECTOR: Message = Message(&[
    Field(1, "nodeSelectorTerms", Many, Nested(&CORE_V1_NODE_SELECTOR_TERM)),
]);

static CORE_V1_NODE_SELECTOR_REQUIREMENT: Message = Message(&[
    Field(1, "key", One, Text),
    Field(2, "operator", One, Text),
    Field(3, "values", Many, Text),
]);

static CORE_V1_NODE_SELECTOR_TERM: Message = Message(&[
    Field(1, "matchExpressions", Many, Nested(&CORE_V1_NODE_SELECTOR_REQUIREMENT)),
    Field(2, "matchFields", Many, Nested(&CORE_V1_NODE_SELECTOR_REQUIREMENT)),
]);

static CORE_V1_NODE_SPEC: Message = Message(&[
    Field(1, "podCIDR", Sparse, Text),
    Field(2, "externalID", Sparse, Text),
    Field(3, "providerID", Sparse, Text),
    Field(4, "unschedulable", Sparse, Bool),
    Field(5, "taints", Many, Nested(&CORE_V1_TAINT)),
    Field(6, "configSource", One, Nested(&CORE_V1_NODE_CONFIG_SOURCE)),
    Field(7, "podCIDRs", Many, Text),
]);

static CORE_V1_NODE_STATUS: Message = Message(&[
    Field(1, "capacity", Map, Quantity),
    Field(2, "allocatable", Map, Quantity),
    Field(3, "phase", Sparse, Text),
    Field(4, "conditions", Many, Nested(&CORE_V1_NODE_CONDITION)),
    Field(5, "addresses", Many, Nested(&CORE_V1_NODE_ADDRESS)),
    Field(6, "daemonEndpoints", One, Nested(&CORE_V1_NODE_DAEMON_ENDPOINTS)),
    Field(7, "nodeInfo", One, Nested(&CORE_V1_NODE_SYSTEM_INFO)),
    Field(8, "images", Many, Nested(&CORE_V1_CONTAINER_IMAGE)),
    Field(9, "volumesInUse", Many, Text),
    Field(10, "volumesAttached", Many, Nested(&CORE_V1_ATTACHED_VOLUME)),
    Field(11, "config", One, Nested(&CORE_V1_NODE_CONFIG_STATUS)),
    Field(12, "runtimeHandlers", Many, Nested(&CORE_V1_NODE_RUNTIME_HANDLER)),
    Field(13, "features", One, Nested(&CORE_V1_NODE_FEATURES)),
    Field(14, "declaredFeatures", Many, Text),
]);

static CORE_V1_NODE_SWAP_STATUS: Message = Message(&[
    Field(1, "capacity", One, Int64),
]);

static CORE_V1_NODE_SYSTEM_INFO: Message = Message(&[
    Field(1, "machineID", One, Text),
    Field(2, "systemUUID", One, Text),
    Field(3, "bootID", One, Text),
    Field(4, "kernelVersion", One, Text),
    Field(5, "osImage", One, Text),
    Field(6, "containerRuntimeVersion", One, Text),
    Field(7, "kubeletVersion", One, Text),
    Field(8, "kubeProxyVersion", One, Text),
    Field(9, "operatingSystem", One, Text),
    Field(10, "architecture", One, Text),
    Field(11, "swap", One, Nested(&CORE_V1_NODE_SWAP_STATUS)),
]);

static CORE_V1_OBJECT_FIELD_SELECTOR: Message = Message(&[
    Field(1, "apiVersion", Sparse, Text),
    Field(2, "fieldPath", One, Text),
]);

static CORE_V1_OBJECT_REFERENCE: Message = Message(&[
    Field(1, "kind", Sparse, Text),
    Field(2, "namespace", Sparse, Text),
    Field(3, "name", Sparse, Text),
    Field(4, "uid", Sparse, Text),
    Field(5, "apiVersion", Sparse, Text),
    Field(6, "resourceVersion", Sparse, Text),
    Field(7, "fieldPath", Sparse, Text),
]);

static CORE_V1_PERSISTENT_VOLUME: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&CORE_V1_PERSISTENT_VOLUME_SPEC)),
    Field(3, "status", One, Nested(&CORE_V1_PERSISTENT_VOLUME_STATUS)),
]);

static CORE_V1_PERSISTENT_VOLUME_CLAIM: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&CORE_V1_PERSISTENT_VOLUME_CLAIM_SPEC)),
    Field(3, "status", One, Nested(&CORE_V1_PERSISTENT_VOLUME_CLAIM_STATUS)),
]);

static CORE_V1_PERSISTENT_VOLUME_CLAIM_CONDITION: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "status", One, Text),
    Field(3, "lastProbeTime", One, Time),
    Field(4, "lastTransitionTime", One, Time),
    Field(5, "reason", Sparse, Text),
    Field(6, "message", Sparse, Text),
]);

static CORE_V1_PERSISTENT_VOLUME_CLAIM_SPEC: Message = Message(&[
    Field(1, "accessModes", Many, Text),
    Field(2, "resources", One, Nested(&CORE_V1_VOLUME_RESOURCE_REQUIREMENTS)),
    Field(3, "volumeName", Sparse, Text),
    Field(4, "selector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(5, "storageClassName", One, Text),
    Field(6, "volumeMode", One, Text),
    Field(7, "dataSource", One, Nested(&CORE_V1_TYPED_LOCAL_OBJECT_REFERENCE)),
    Field(8, "dataSourceRef", One, Nested(&CORE_V1_TYPED_OBJECT_REFERENCE)),
    Field(9, "volumeAttributesClassName", One, Text),
]);

static CORE_V1_PERSISTENT_VOLUME_CLAIM_STATUS: Message = Message(&[
    Field(1, "phase", Sparse, Text),
    Field(2, "accessModes", Many, Text),
    Field(3, "capacity", Map, Quantity),
    Field(4, "conditions", Many, Nested(&CORE_V1_PERSISTENT_VOLUME_CLAIM_CONDITION)),
    Field(5, "allocatedResources", Map, Quantity),
    Field(7, "allocatedResourceStatuses", Map, Text),
    Field(8, "currentVolumeAttributesClassName", One, Text),
    Field(9, "modifyVolumeStatus", One, Nested(&CORE_V1_MODIFY_VOLUME_STATUS)),
]);

static CORE_V1_PERSISTENT_VOLUME_CLAIM_TEMPLATE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&CORE_V1_PERSISTENT_VOLUME_CLAIM_SPEC)),
]);

static CORE_V1_PERSISTENT_VOLUME_CLAIM_VOLUME_SOURCE: Message = Message(&[
    Field(1, "claimName", One, Text),
    Field(2, "readOnly", Sparse, Bool),
]);

static CORE_V1_PERSISTENT_VOLUME_SOURCE: Message = Message(&[
    Field(1, "gcePersistentDisk", One, Nested(&CORE_V1_GCE_PERSISTENT_DISK_VOLUME_SOURCE)),
    Field(2, "awsElasticBlockStore", One, Nested(&CORE_V1_AWS_ELASTIC_BLOCK_STORE_VOLUME_SOURCE)),
    Field(3, "hostPath", One, Nested(&CORE_V1_HOST_PATH_VOLUME_SOURCE)),
    Field(4, "glusterfs", One, Nested(&CORE_V1_GLUSTERFS_PERSISTENT_VOLUME_SOURCE)),
    Field(5, "nfs", One, Nested(&CORE_V1_NFS_VOLUME_SOURCE)),
    Field(6, "rbd", One, Nested(&CORE_V1_RBD_PERSISTENT_VOLUME_SOURCE)),
    Field(7, "iscsi", One, Nested(&CORE_V1_ISCSI_PERSISTENT_VOLUME_SOURCE)),
    Field(8, "cinder", One, Nested(&CORE_V1_CINDER_PERSISTENT_VOLUME_SOURCE)),
    Field(9, "cephfs", One, Nested(&CORE_V1_CEPH_FS_PERSISTENT_VOLUME_SOURCE)),
    Field(10, "fc", One, Nested(&CORE_V1_FC_VOLUME_SOURCE)),
    Field(11, "flocker", One, Nested(&CORE_V1_FLOCKER_VOLUME_SOURCE)),
    Field(12, "flexVolume", One, Nested(&CORE_V1_FLEX_PERSISTENT_VOLUME_SOURCE)),
    Field(13, "azureFile", One, Nested(&CORE_V1_AZURE_FILE_PERSISTENT_VOLUME_SOURCE)),
    Field(14, "vsphereVolume", One, Nested(&CORE_V1_VSPHERE_VIRTUAL_DISK_VOLUME_SOURCE)),
    Field(15, "quobyte", One, Nested(&CORE_V1_QUOBYTE_VOLUME_SOURCE)),
    Field(16, "azureDisk", One, Nested(&CORE_V1_AZURE_DISK_VOLUME_SOURCE)),
    Field(17, "photonPersistentDisk", One, Nested(&CORE_V1_PHOTON_PERSISTENT_DISK_VOLUME_SOURCE)),
    Field(18, "portworxVolume", One, Nested(&CORE_V1_PORTWORX_VOLUME_SOURCE)),
    Field(19, "scaleIO", One, Nested(&CORE_V1_SCALE_IO_PERSISTENT_VOLUME_SOURCE)),
    Field(20, "local", One, Nested(&CORE_V1_LOCAL_VOLUME_SOURCE)),
    Field(21, "storageos", One, Nested(&CORE_V1_STORAGE_OS_PERSISTENT_VOLUME_SOURCE)),
    Field(22, "csi", One, Nested(&CORE_V1_CSI_PERSISTENT_VOLUME_SOURCE)),
]);

static CORE_V1_PERSISTENT_VOLUME_SPEC: Message = Message(&[
    Field(1, "capacity", Map, Quantity),
    Field(2, "", One, Inlined(&CORE_V1_PERSISTENT_VOLUME_SOURCE)),
    Field(3, "accessModes", Many, Text),
    Field(4, "claimRef", One, Nested(&CORE_V1_OBJECT_REFERENCE)),
    Field(5, "persistentVolumeReclaimPolicy", Sparse, Text),
    Field(6, "storageClassName", Sparse, Text),
    Field(7, "mountOptions", Many, Text),
    Field(8, "volumeMode", One, Text),
    Field(9, "nodeAffinity", One, Nested(&CORE_V1_VOLUME_NODE_AFFINITY)),
    Field(10, "volumeAttributesClassName", One, Text),
]);

static CORE_V1_PERSISTENT_VOLUME_STATUS: Message = Message(&[
    Field(1, "phase", Sparse, Text),
    Field(2, "message", Sparse, Text),
    Field(3, "reason", Sparse, Text),
    Field(4, "lastPhaseTransitionTime", One, Time),
]);

static CORE_V1_PHOTON_PERSISTENT_DISK_VOLUME_SOURCE: Message = Message(&[
    Field(1, "pdID", One, Text),
    Field(2, "fsType", Sparse, Text),
]);

static CORE_V1_POD: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&CORE_V1_POD_SPEC)),
    Field(3, "status", One, Nested(&CORE_V1_POD_STATUS)),
]);

static CORE_V1_POD_AFFINITY: Message = Message(&[
    Field(1, "requiredDuringSchedulingIgnoredDuringExecution", Many, Nested(&CORE_V1_POD_AFFINITY_TERM)),
    Field(2, "preferredDuringSchedulingIgnoredDuringExecution", Many, Nested(&CORE_V1_WEIGHTED_POD_AFFINITY_TERM)),
]);

static CORE_V1_POD_AFFINITY_TERM: Message = Message(&[
    Field(1, "labelSelector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(2, "namespaces", Many, Text),
    Field(3, "topologyKey", One, Text),
    Field(4, "namespaceSelector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(5, "matchLabelKeys", Many, Text),
    Field(6, "mismatchLabelKeys", Many, Text),
]);

static CORE_V1_POD_ANTI_AFFINITY: Message = Message(&[
    Field(1, "requiredDuringSchedulingIgnoredDuringExecution", Many, Nested(&CORE_V1_POD_AFFINITY_TERM)),
    Field(2, "preferredDuringSchedulingIgnoredDuringExecution", Many, Nested(&CORE_V1_WEIGHTED_POD_AFFINITY_TERM)),
]);

static CORE_V1_POD_CERTIFICATE_PROJECTION: Message = Message(&[
    Field(1, "signerName", Sparse, Text),
    Field(2, "keyType", Sparse, Text),
    Field(3, "maxExpirationSeconds", One, Int32),
    Field(4, "credentialBundlePath", Sparse, Text),
    Field(5, "keyPath", Sparse, Text),
    Field(6, "certificateChainPath", Sparse, Text),
    Field(7, "userAnnotations", Map, Text),
]);

static CORE_V1_POD_CONDITION: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "status", One, Text),
    Field(3, "lastProbeTime", One, Time),
    Field(4, "lastTransitionTime", One, Time),
    Field(5, "reason", Sparse, Text),
    Field(6, "message", Sparse, Text),
    Field(7, "observedGeneration", Sparse, Int64),
]);

static CORE_V1_POD_DNS_CONFIG: Message = Message(&[
    Field(1, "nameservers", Many, Text),
    Field(2, "searches", Many, Text),
    Field(3, "options", Many, Nested(&CORE_V1_POD_DNS_CONFIG_OPTION)),
]);

static CORE_V1_POD_DNS_CONFIG_OPTION: Message = Message(&[
    Field(1, "name", Sparse, Text),
    Field(2, "value", One, Text),
]);

static CORE_V1_POD_EXTENDED_RESOURCE_CLAIM_STATUS: Message = Message(&[
    Field(1, "requestMappings", Many, Nested(&CORE_V1_CONTAINER_EXTENDED_RESOURCE_REQUEST)),
    Field(2, "resourceClaimName", One, Text),
]);

static CORE_V1_POD_IP: Message = Message(&[
    Field(1, "ip", One, Text),
]);

static CORE_V1_POD_OS: Message = Message(&[
    Field(1, "name", One, Text),
]);

static CORE_V1_POD_READINESS_GATE: Message = Message(&[
    Field(1, "conditionType", One, Text),
]);

static CORE_V1_POD_RESOURCE_CLAIM: Message = Message(&[
    Field(1, "name", One, Text),
    Field(3, "resourceClaimName", One, Text),
    Field(4, "resourceClaimTemplateName", One, Text),
]);

static CORE_V1_POD_RESOURCE_CLAIM_STATUS: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "resourceClaimName", One, Text),
]);

static CORE_V1_POD_SCHEDULING_GATE: Message = Message(&[
    Field(1, "name", One, Text),
]);

static CORE_V1_POD_SCHEDULING_GROUP: Message = Message(&[
    Field(1, "podGroupName", One, Text),
]);

static CORE_V1_POD_SECURITY_CONTEXT: Message = Message(&[
    Field(1, "seLinuxOptions", One, Nested(&CORE_V1_SE_LINUX_OPTIONS)),
    Field(2, "runAsUser", One, Int64),
    Field(3, "runAsNonRoot", One, Bool),
    Field(4, "supplementalGroups", Many, Int64),
    Field(5, "fsGroup", One, Int64),
    Field(6, "runAsGroup", One, Int64),
    Field(7, "sysctls", Many, Nested(&CORE_V1_SYSCTL)),
    Field(8, "windowsOptions", One, Nested(&CORE_V1_WINDOWS_SECURITY_CONTEXT_OPTIONS)),
    Field(9, "fsGroupChangePolicy", One, Text),
    Field(10, "seccompProfile", One, Nested(&CORE_V1_SECCOMP_PROFILE)),
    Field(11, "appArmorProfile", One, Nested(&CORE_V1_APP_ARMOR_PROFILE)),
    Field(12, "supplementalGroupsPolicy", One, Text),
    Field(13, "seLinuxChangePolicy", One, Text),
]);

static CORE_V1_POD_SPEC: Message = Message(&[
    Field(1, "volumes", Many, Nested(&CORE_V1_VOLUME)),
    Field(2, "containers", Many, Nested(&CORE_V1_CONTAINER)),
    Field(3, "restartPolicy", Sparse, Text),
    Field(4, "terminationGracePeriodSeconds", One, Int64),
    Field(5, "activeDeadlineSeconds", One, Int64),
    Field(6, "dnsPolicy", Sparse, Text),
    Field(7, "nodeSelector", Map, Text),
    Field(8, "serviceAccountName", Sparse, Text),
    Field(9, "serviceAccount", Sparse, Text),
    Field(10, "nodeName", Sparse, Text),
    Field(11, "hostNetwork", Sparse, Bool),
    Field(12, "hostPID", Sparse, Bool),
    Field(13, "hostIPC", Sparse, Bool),
    Field(14, "securityContext", One, Nested(&CORE_V1_POD_SECURITY_CONTEXT)),
    Field(15, "imagePullSecrets", Many, Nested(&CORE_V1_LOCAL_OBJECT_REFERENCE)),
    Field(16, "hostname", Sparse, Text),
    Field(17, "subdomain", Sparse, Text),
    Field(18, "affinity", One, Nested(&CORE_V1_AFFINITY)),
    Field(19, "schedulerName", Sparse, Text),
    Field(20, "initContainers", Many, Nested(&CORE_V1_CONTAINER)),
    Field(21, "automountServiceAccountToken", One, Bool),
    Field(22, "tolerations", Many, Nested(&CORE_V1_TOLERATION)),
    Field(23, "hostAliases", Many, Nested(&CORE_V1_HOST_ALIAS)),
    Field(24, "priorityClassName", Sparse, Text),
    Field(25, "priority", One, Int32),
    Field(26, "dnsConfig", One, Nested(&CORE_V1_POD_DNS_CONFIG)),
    Field(27, "shareProcessNamespace", One, Bool),
    Field(28, "readinessGates", Many, Nested(&CORE_V1_POD_READINESS_GATE)),
    Field(29, "runtimeClassName", One, Text),
    Field(30, "enableServiceLinks", One, Bool),
    Field(31, "preemptionPolicy", One, Text),
    Field(32, "overhead", Map, Quantity),
    Field(33, "topologySpreadConstraints", Many, Nested(&CORE_V1_TOPOLOGY_SPREAD_CONSTRAINT)),
    Field(34, "ephemeralContainers", Many, Nested(&CORE_V1_EPHEMERAL_CONTAINER)),
    Field(35, "setHostnameAsFQDN", One, Bool),
    Field(36, "os", One, Nested(&CORE_V1_POD_OS)),
    Field(37, "hostUsers", One, Bool),
    Field(38, "schedulingGates", Many, Nested(&CORE_V1_POD_SCHEDULING_GATE)),
    Field(39, "resourceClaims", Many, Nested(&CORE_V1_POD_RESOURCE_CLAIM)),
    Field(40, "resources", One, Nested(&CORE_V1_RESOURCE_REQUIREMENTS)),
    Field(41, "hostnameOverride", One, Text),
    Field(43, "schedulingGroup", One, Nested(&CORE_V1_POD_SCHEDULING_GROUP)),
]);

static CORE_V1_POD_STATUS: Message = Message(&[
    Field(1, "phase", Sparse, Text),
    Field(2, "conditions", Many, Nested(&CORE_V1_POD_CONDITION)),
    Field(3, "message", Sparse, Text),
    Field(4, "reason", Sparse, Text),
    Field(5, "hostIP", Sparse, Text),
    Field(6, "podIP", Sparse, Text),
    Field(7, "startTime", One, Time),
    Field(8, "containerStatuses", Many, Nested(&CORE_V1_CONTAINER_STATUS)),
    Field(9, "qosClass", Sparse, Text),
    Field(10, "initContainerStatuses", Many, Nested(&CORE_V1_CONTAINER_STATUS)),
    Field(11, "nominatedNodeName", Sparse, Text),
    Field(12, "podIPs", Many, Nested(&CORE_V1_POD_IP)),
    Field(13, "ephemeralContainerStatuses", Many, Nested(&CORE_V1_CONTAINER_STATUS)),
    Field(14, "resize", Sparse, Text),
    Field(15, "resourceClaimStatuses", Many, Nested(&CORE_V1_POD_RESOURCE_CLAIM_STATUS)),
    Field(16, "hostIPs", Many, Nested(&CORE_V1_HOST_IP)),
    Field(17, "observedGeneration", Sparse, Int64),
    Field(18, "extendedResourceClaimStatus", One, Nested(&CORE_V1_POD_EXTENDED_RESOURCE_CLAIM_STATUS)),
    Field(19, "allocatedResources", Map, Quantity),
    Field(20, "resources", One, Nested(&CORE_V1_RESOURCE_REQUIREMENTS)),
    Field(21, "nodeAllocatableResourceClaimStatuses", Many, Nested(&CORE_V1_NODE_ALLOCATABLE_RESOURCE_CLAIM_STATUS)),
]);

static CORE_V1_POD_STATUS_RESULT: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "status", One, Nested(&CORE_V1_POD_STATUS)),
]);

static CORE_V1_POD_TEMPLATE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "template", One, Nested(&CORE_V1_POD_TEMPLATE_SPEC)),
]);

static CORE_V1_POD_TEMPLATE_SPEC: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&CORE_V1_POD_SPEC)),
]);

static CORE_V1_PORTWORX_VOLUME_SOURCE: Message = Message(&[
    Field(1, "volumeID", One, Text),
    Field(2, "fsType", Sparse, Text),
    Field(3, "readOnly", Sparse, Bool),
]);

static CORE_V1_PORT_STATUS: Message = Message(&[
    Field(1, "port", One, Int32),
    Field(2, "protocol", One, Text),
    Field(3, "error", One, Text),
]);

static CORE_V1_PREFERRED_SCHEDULING_TERM: Message = Message(&[
    Field(1, "weight", One, Int32),
    Field(2, "preference", One, Nested(&CORE_V1_NODE_SELECTOR_TERM)),
]);

static CORE_V1_PROBE: Message = Message(&[
    Field(1, "", One, Inlined(&CORE_V1_PROBE_HANDLER)),
    Field(2, "initialDelaySeconds", Sparse, Int32),
    Field(3, "timeoutSeconds", Sparse, Int32),
    Field(4, "periodSeconds", Sparse, Int32),
    Field(5, "successThreshold", Sparse, Int32),
    Field(6, "failureThreshold", Sparse, Int32),
    Field(7, "terminationGracePeriodSeconds", One, Int64),
]);

static CORE_V1_PROBE_HANDLER: Message = Message(&[
    Field(1, "exec", One, Nested(&CORE_V1_EXEC_ACTION)),
    Field(2, "httpGet", One, Nested(&CORE_V1_HTTP_GET_ACTION)),
    Field(3, "tcpSocket", One, Nested(&CORE_V1_TCP_SOCKET_ACTION)),
    Field(4, "grpc", One, Nested(&CORE_V1_GRPC_ACTION)),
]);

static CORE_V1_PROJECTED_VOLUME_SOURCE: Message = Message(&[
    Field(1, "sources", Many, Nested(&CORE_V1_VOLUME_PROJECTION)),
    Field(2, "defaultMode", One, Int32),
]);

static CORE_V1_QUOBYTE_VOLUME_SOURCE: Message = Message(&[
    Field(1, "registry", One, Text),
    Field(2, "volume", One, Text),
    Field(3, "readOnly", Sparse, Bool),
    Field(4, "user", Sparse, Text),
    Field(5, "group", Sparse, Text),
    Field(6, "tenant", Sparse, Text),
]);

static CORE_V1_RANGE_ALLOCATION: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "range", One, Text),
    Field(3, "data", One, Bytes),
]);

static CORE_V1_RBD_PERSISTENT_VOLUME_SOURCE: Message = Message(&[
    Field(1, "monitors", Many, Text),
    Field(2, "image", One, Text),
    Field(3, "fsType", Sparse, Text),
    Field(4, "pool", Sparse, Text),
    Field(5, "user", Sparse, Text),
    Field(6, "keyring", Sparse, Text),
    Field(7, "secretRef", One, Nested(&CORE_V1_SECRET_REFERENCE)),
    Field(8, "readOnly", Sparse, Bool),
]);

static CORE_V1_RBD_VOLUME_SOURCE: Message = Message(&[
    Field(1, "monitors", Many, Text),
    Field(2, "image", One, Text),
    Field(3, "fsType", Sparse, Text),
    Field(4, "pool", Sparse, Text),
    Field(5, "user", Sparse, Text),
    Field(6, "keyring", Sparse, Text),
    Field(7, "secretRef", One, Nested(&CORE_V1_LOCAL_OBJECT_REFERENCE)),
    Field(8, "readOnly", Sparse, Bool),
]);

static CORE_V1_REPLICATION_CONTROLLER: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&CORE_V1_REPLICATION_CONTROLLER_SPEC)),
    Field(3, "status", One, Nested(&CORE_V1_REPLICATION_CONTROLLER_STATUS)),
]);

static CORE_V1_REPLICATION_CONTROLLER_CONDITION: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "status", One, Text),
    Field(3, "lastTransitionTime", One, Time),
    Field(4, "reason", Sparse, Text),
    Field(5, "message", Sparse, Text),
]);

static CORE_V1_REPLICATION_CONTROLLER_SPEC: Message = Message(&[
    Field(1, "replicas", One, Int32),
    Field(2, "selector", Map, Text),
    Field(3, "template", One, Nested(&CORE_V1_POD_TEMPLATE_SPEC)),
    Field(4, "minReadySeconds", Sparse, Int32),
]);

static CORE_V1_REPLICATION_CONTROLLER_STATUS: Message = Message(&[
    Field(1, "replicas", One, Int32),
    Field(2, "fullyLabeledReplicas", Sparse, Int32),
    Field(3, "observedGeneration", Sparse, Int64),
    Field(4, "readyReplicas", Sparse, Int32),
    Field(5, "availableReplicas", Sparse, Int32),
    Field(6, "conditions", Many, Nested(&CORE_V1_REPLICATION_CONTROLLER_CONDITION)),
]);

static CORE_V1_RESOURCE_CLAIM: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "request", Sparse, Text),
]);

static CORE_V1_RESOURCE_FIELD_SELECTOR: Message = Message(&[
    Field(1, "containerName", Sparse, Text),
    Field(2, "resource", One, Text),
    Field(3, "divisor", One, Quantity),
]);

static CORE_V1_RESOURCE_HEALTH: Message = Message(&[
    Field(1, "resourceID", One, Text),
    Field(2, "health", Sparse, Text),
    Field(6, "message", One, Text),
]);

static CORE_V1_RESOURCE_QUOTA: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&CORE_V1_RESOURCE_QUOTA_SPEC)),
    Field(3, "status", One, Nested(&CORE_V1_RESOURCE_QUOTA_STATUS)),
]);

static CORE_V1_RESOURCE_QUOTA_SPEC: Message = Message(&[
    Field(1, "hard", Map, Quantity),
    Field(2, "scopes", Many, Text),
    Field(3, "scopeSelector", One, Nested(&CORE_V1_SCOPE_SELECTOR)),
]);

static CORE_V1_RESOURCE_QUOTA_STATUS: Message = Message(&[
    Field(1, "hard", Map, Quantity),
    Field(2, "used", Map, Quantity),
]);

static CORE_V1_RESOURCE_REQUIREMENTS: Message = Message(&[
    Field(1, "limits", Map, Quantity),
    Field(2, "requests", Map, Quantity),
    Field(3, "claims", Many, Nested(&CORE_V1_RESOURCE_CLAIM)),
]);

static CORE_V1_RESOURCE_STATUS: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "resources", Many, Nested(&CORE_V1_RESOURCE_HEALTH)),
]);

static CORE_V1_SCALE_IO_PERSISTENT_VOLUME_SOURCE: Message = Message(&[
    Field(1, "gateway", One, Text),
    Field(2, "system", One, Text),
    Field(3, "secretRef", One, Nested(&CORE_V1_SECRET_REFERENCE)),
    Field(4, "sslEnabled", Sparse, Bool),
    Field(5, "protectionDomain", Sparse, Text),
    Field(6, "storagePool", Sparse, Text),
    Field(7, "storageMode", Sparse, Text),
    Field(8, "volumeName", Sparse, Text),
    Field(9, "fsType", Sparse, Text),
    Field(10, "readOnly", Sparse, Bool),
]);

static CORE_V1_SCALE_IO_VOLUME_SOURCE: Message = Message(&[
    Field(1, "gateway", One, Text),
    Field(2, "system", One, Text),
    Field(3, "secretRef", One, Nested(&CORE_V1_LOCAL_OBJECT_REFERENCE)),
    Field(4, "sslEnabled", Sparse, Bool),
    Field(5, "protectionDomain", Sparse, Text),
    Field(6, "storagePool", Sparse, Text),
    Field(7, "storageMode", Sparse, Text),
    Field(8, "volumeName", Sparse, Text),
    Field(9, "fsType", Sparse, Text),
    Field(10, "readOnly", Sparse, Bool),
]);

static CORE_V1_SCOPED_RESOURCE_SELECTOR_REQUIREMENT: Message = Message(&[
    Field(1, "scopeName", One, Text),
    Field(2, "operator", One, Text),
    Field(3, "values", Many, Text),
]);

static CORE_V1_SCOPE_SELECTOR: Message = Message(&[
    Field(1, "matchExpressions", Many, Nested(&CORE_V1_SCOPED_RESOURCE_SELECTOR_REQUIREMENT)),
]);

static CORE_V1_SECCOMP_PROFILE: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "localhostProfile", One, Text),
]);

static CORE_V1_SECRET: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "data", Map, Bytes),
    Field(3, "type", Sparse, Text),
    Field(4, "stringData", Map, Text),
    Field(5, "immutable", One, Bool),
]);

static CORE_V1_SECRET_ENV_SOURCE: Message = Message(&[
    Field(1, "", One, Inlined(&CORE_V1_LOCAL_OBJECT_REFERENCE)),
    Field(2, "optional", One, Bool),
]);

static CORE_V1_SECRET_KEY_SELECTOR: Message = Message(&[
    Field(1, "", One, Inlined(&CORE_V1_LOCAL_OBJECT_REFERENCE)),
    Field(2, "key", One, Text),
    Field(3, "optional", One, Bool),
]);

static CORE_V1_SECRET_PROJECTION: Message = Message(&[
    Field(1, "", One, Inlined(&CORE_V1_LOCAL_OBJECT_REFERENCE)),
    Field(2, "items", Many, Nested(&CORE_V1_KEY_TO_PATH)),
    Field(4, "optional", One, Bool),
]);

static CORE_V1_SECRET_REFERENCE: Message = Message(&[
    Field(1, "name", Sparse, Text),
    Field(2, "namespace", Sparse, Text),
]);

static CORE_V1_SECRET_VOLUME_SOURCE: Message = Message(&[
    Field(1, "secretName", Sparse, Text),
    Field(2, "items", Many, Nested(&CORE_V1_KEY_TO_PATH)),
    Field(3, "defaultMode", One, Int32),
    Field(4, "optional", One, Bool),
]);

static CORE_V1_SECURITY_CONTEXT: Message = Message(&[
    Field(1, "capabilities", One, Nested(&CORE_V1_CAPABILITIES)),
    Field(2, "privileged", One, Bool),
    Field(3, "seLinuxOptions", One, Nested(&CORE_V1_SE_LINUX_OPTIONS)),
    Field(4, "runAsUser", One, Int64),
    Field(5, "runAsNonRoot", One, Bool),
    Field(6, "readOnlyRootFilesystem", One, Bool),
    Field(7, "allowPrivilegeEscalation", One, Bool),
    Field(8, "runAsGroup", One, Int64),
    Field(9, "procMount", One, Text),
    Field(10, "windowsOptions", One, Nested(&CORE_V1_WINDOWS_SECURITY_CONTEXT_OPTIONS)),
    Field(11, "seccompProfile", One, Nested(&CORE_V1_SECCOMP_PROFILE)),
    Field(12, "appArmorProfile", One, Nested(&CORE_V1_APP_ARMOR_PROFILE)),
]);

static CORE_V1_SERVICE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&CORE_V1_SERVICE_SPEC)),
    Field(3, "status", One, Nested(&CORE_V1_SERVICE_STATUS)),
]);

static CORE_V1_SERVICE_ACCOUNT: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "secrets", Many, Nested(&CORE_V1_OBJECT_REFERENCE)),
    Field(3, "imagePullSecrets", Many, Nested(&CORE_V1_LOCAL_OBJECT_REFERENCE)),
    Field(4, "automountServiceAccountToken", One, Bool),
]);

static CORE_V1_SERVICE_ACCOUNT_TOKEN_PROJECTION: Message = Message(&[
    Field(1, "audience", Sparse, Text),
    Field(2, "expirationSeconds", One, Int64),
    Field(3, "path", One, Text),
]);

static CORE_V1_SERVICE_PORT: Message = Message(&[
    Field(1, "name", Sparse, Text),
    Field(2, "protocol", Sparse, Text),
    Field(3, "port", One, Int32),
    Field(4, "targetPort", One, IntOrString),
    Field(5, "nodePort", Sparse, Int32),
    Field(6, "appProtocol", One, Text),
]);

static CORE_V1_SERVICE_SPEC: Message = Message(&[
    Field(1, "ports", Many, Nested(&CORE_V1_SERVICE_PORT)),
    Field(2, "selector", Map, Text),
    Field(3, "clusterIP", Sparse, Text),
    Field(4, "type", Sparse, Text),
    Field(5, "externalIPs", Many, Text),
    Field(7, "sessionAffinity", Sparse, Text),
    Field(8, "loadBalancerIP", Sparse, Text),
    Field(9, "loadBalancerSourceRanges", Many, Text),
    Field(10, "externalName", Sparse, Text),
    Field(11, "externalTrafficPolicy", Sparse, Text),
    Field(12, "healthCheckNodePort", Sparse, Int32),
    Field(13, "publishNotReadyAddresses", Sparse, Bool),
    Field(14, "sessionAffinityConfig", One, Nested(&CORE_V1_SESSION_AFFINITY_CONFIG)),
    Field(17, "ipFamilyPolicy", One, Text),
    Field(18, "clusterIPs", Many, Text),
    Field(19, "ipFamilies", Many, Text),
    Field(20, "allocateLoadBalancerNodePorts", One, Bool),
    Field(21, "loadBalancerClass", One, Text),
    Field(22, "internalTrafficPolicy", One, Text),
    Field(23, "trafficDistribution", One, Text),
]);

static CORE_V1_SERVICE_STATUS: Message = Message(&[
    Field(1, "loadBalancer", One, Nested(&CORE_V1_LOAD_BALANCER_STATUS)),
    Field(2, "conditions", Many, Nested(&META_V1_CONDITION)),
]);

static CORE_V1_SESSION_AFFINITY_CONFIG: Message = Message(&[
    Field(1, "clientIP", One, Nested(&CORE_V1_CLIENT_IP_CONFIG)),
]);

static CORE_V1_SE_LINUX_OPTIONS: Message = Message(&[
    Field(1, "user", Sparse, Text),
    Field(2, "role", Sparse, Text),
    Field(3, "type", Sparse, Text),
    Field(4, "level", Sparse, Text),
]);

static CORE_V1_SLEEP_ACTION: Message = Message(&[
    Field(1, "seconds", One, Int64),
]);

static CORE_V1_STORAGE_OS_PERSISTENT_VOLUME_SOURCE: Message = Message(&[
    Field(1, "volumeName", Sparse, Text),
    Field(2, "volumeNamespace", Sparse, Text),
    Field(3, "fsType", Sparse, Text),
    Field(4, "readOnly", Sparse, Bool),
    Field(5, "secretRef", One, Nested(&CORE_V1_OBJECT_REFERENCE)),
]);

static CORE_V1_STORAGE_OS_VOLUME_SOURCE: Message = Message(&[
    Field(1, "volumeName", Sparse, Text),
    Field(2, "volumeNamespace", Sparse, Text),
    Field(3, "fsType", Sparse, Text),
    Field(4, "readOnly", Sparse, Bool),
    Field(5, "secretRef", One, Nested(&CORE_V1_LOCAL_OBJECT_REFERENCE)),
]);

static CORE_V1_SYSCTL: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "value", One, Text),
]);

static CORE_V1_TAINT: Message = Message(&[
    Field(1, "key", One, Text),
    Field(2, "value", Sparse, Text),
    Field(3, "effect", One, Text),
    Field(4, "timeAdded", One, Time),
]);

static CORE_V1_TCP_SOCKET_ACTION: Message = Message(&[
    Field(1, "port", One, IntOrString),
    Field(2, "host", Sparse, Text),
]);

static CORE_V1_TOLERATION: Message = Message(&[
    Field(1, "key", Sparse, Text),
    Field(2, "operator", Sparse, Text),
    Field(3, "value", Sparse, Text),
    Field(4, "effect", Sparse, Text),
    Field(5, "tolerationSeconds", One, Int64),
]);

static CORE_V1_TOPOLOGY_SELECTOR_LABEL_REQUIREMENT: Message = Message(&[
    Field(1, "key", One, Text),
    Field(2, "values", Many, Text),
]);

static CORE_V1_TOPOLOGY_SELECTOR_TERM: Message = Message(&[
    Field(1, "matchLabelExpressions", Many, Nested(&CORE_V1_TOPOLOGY_SELECTOR_LABEL_REQUIREMENT)),
]);

static CORE_V1_TOPOLOGY_SPREAD_CONSTRAINT: Message = Message(&[
    Field(1, "maxSkew", One, Int32),
    Field(2, "topologyKey", One, Text),
    Field(3, "whenUnsatisfiable", One, Text),
    Field(4, "labelSelector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(5, "minDomains", One, Int32),
    Field(6, "nodeAffinityPolicy", One, Text),
    Field(7, "nodeTaintsPolicy", One, Text),
    Field(8, "matchLabelKeys", Many, Text),
]);

static CORE_V1_TYPED_LOCAL_OBJECT_REFERENCE: Message = Message(&[
    Field(1, "apiGroup", One, Text),
    Field(2, "kind", One, Text),
    Field(3, "name", One, Text),
]);

static CORE_V1_TYPED_OBJECT_REFERENCE: Message = Message(&[
    Field(1, "apiGroup", One, Text),
    Field(2, "kind", One, Text),
    Field(3, "name", One, Text),
    Field(4, "namespace", One, Text),
]);

static CORE_V1_VOLUME: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "", One, Inlined(&CORE_V1_VOLUME_SOURCE)),
]);

static CORE_V1_VOLUME_DEVICE: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "devicePath", One, Text),
]);

static CORE_V1_VOLUME_MOUNT: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "readOnly", Sparse, Bool),
    Field(3, "mountPath", One, Text),
    Field(4, "subPath", Sparse, Text),
    Field(5, "mountPropagation", One, Text),
    Field(6, "subPathExpr", Sparse, Text),
    Field(7, "recursiveReadOnly", One, Text),
]);

static CORE_V1_VOLUME_MOUNT_STATUS: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "mountPath", One, Text),
    Field(3, "readOnly", Sparse, Bool),
    Field(4, "recursiveReadOnly", One, Text),
    Field(5, "volumeStatus", One, Nested(&CORE_V1_VOLUME_STATUS)),
]);

static CORE_V1_VOLUME_NODE_AFFINITY: Message = Message(&[
    Field(1, "required", One, Nested(&CORE_V1_NODE_SELECTOR)),
]);

static CORE_V1_VOLUME_PROJECTION: Message = Message(&[
    Field(1, "secret", One, Nested(&CORE_V1_SECRET_PROJECTION)),
    Field(2, "downwardAPI", One, Nested(&CORE_V1_DOWNWARD_API_PROJECTION)),
    Field(3, "configMap", One, Nested(&CORE_V1_CONFIG_MAP_PROJECTION)),
    Field(4, "serviceAccountToken", One, Nested(&CORE_V1_SERVICE_ACCOUNT_TOKEN_PROJECTION)),
    Field(5, "clusterTrustBundle", One, Nested(&CORE_V1_CLUSTER_TRUST_BUNDLE_PROJECTION)),
    Field(6, "podCertificate", One, Nested(&CORE_V1_POD_CERTIFICATE_PROJECTION)),
]);

static CORE_V1_VOLUME_RESOURCE_REQUIREMENTS: Message = Message(&[
    Field(1, "limits", Map, Quantity),
    Field(2, "requests", Map, Quantity),
]);

static CORE_V1_VOLUME_SOURCE: Message = Message(&[
    Field(1, "hostPath", One, Nested(&CORE_V1_HOST_PATH_VOLUME_SOURCE)),
    Field(2, "emptyDir", One, Nested(&CORE_V1_EMPTY_DIR_VOLUME_SOURCE)),
    Field(3, "gcePersistentDisk", One, Nested(&CORE_V1_GCE_PERSISTENT_DISK_VOLUME_SOURCE)),
    Field(4, "awsElasticBlockStore", One, Nested(&CORE_V1_AWS_ELASTIC_BLOCK_STORE_VOLUME_SOURCE)),
    Field(5, "gitRepo", One, Nested(&CORE_V1_GIT_REPO_VOLUME_SOURCE)),
    Field(6, "secret", One, Nested(&CORE_V1_SECRET_VOLUME_SOURCE)),
    Field(7, "nfs", One, Nested(&CORE_V1_NFS_VOLUME_SOURCE)),
    Field(8, "iscsi", One, Nested(&CORE_V1_ISCSI_VOLUME_SOURCE)),
    Field(9, "glusterfs", One, Nested(&CORE_V1_GLUSTERFS_VOLUME_SOURCE)),
    Field(10, "persistentVolumeClaim", One, Nested(&CORE_V1_PERSISTENT_VOLUME_CLAIM_VOLUME_SOURCE)),
    Field(11, "rbd", One, Nested(&CORE_V1_RBD_VOLUME_SOURCE)),
    Field(12, "flexVolume", One, Nested(&CORE_V1_FLEX_VOLUME_SOURCE)),
    Field(13, "cinder", One, Nested(&CORE_V1_CINDER_VOLUME_SOURCE)),
    Field(14, "cephfs", One, Nested(&CORE_V1_CEPH_FS_VOLUME_SOURCE)),
    Field(15, "flocker", One, Nested(&CORE_V1_FLOCKER_VOLUME_SOURCE)),
    Field(16, "downwardAPI", One, Nested(&CORE_V1_DOWNWARD_API_VOLUME_SOURCE)),
    Field(17, "fc", One, Nested(&CORE_V1_FC_VOLUME_SOURCE)),
    Field(18, "azureFile", One, Nested(&CORE_V1_AZURE_FILE_VOLUME_SOURCE)),
    Field(19, "configMap", One, Nested(&CORE_V1_CONFIG_MAP_VOLUME_SOURCE)),
    Field(20, "vsphereVolume", One, Nested(&CORE_V1_VSPHERE_VIRTUAL_DISK_VOLUME_SOURCE)),
    Field(21, "quobyte", One, Nested(&CORE_V1_QUOBYTE_VOLUME_SOURCE)),
    Field(22, "azureDisk", One, Nested(&CORE_V1_AZURE_DISK_VOLUME_SOURCE)),
    Field(23, "photonPersistentDisk", One, Nested(&CORE_V1_PHOTON_PERSISTENT_DISK_VOLUME_SOURCE)),
    Field(24, "portworxVolume", One, Nested(&CORE_V1_PORTWORX_VOLUME_SOURCE)),
    Field(25, "scaleIO", One, Nested(&CORE_V1_SCALE_IO_VOLUME_SOURCE)),
    Field(26, "projected", One, Nested(&CORE_V1_PROJECTED_VOLUME_SOURCE)),
    Field(27, "storageos", One, Nested(&CORE_V1_STORAGE_OS_VOLUME_SOURCE)),
    Field(28, "csi", One, Nested(&CORE_V1_CSI_VOLUME_SOURCE)),
    Field(29, "ephemeral", One, Nested(&CORE_V1_EPHEMERAL_VOLUME_SOURCE)),
    Field(30, "image", One, Nested(&CORE_V1_IMAGE_VOLUME_SOURCE)),
]);

static CORE_V1_VOLUME_STATUS: Message = Message(&[
    Field(1, "image", One, Nested(&CORE_V1_IMAGE_VOLUME_STATUS)),
]);

static CORE_V1_VSPHERE_VIRTUAL_DISK_VOLUME_SOURCE: Message = Message(&[
    Field(1, "volumePath", One, Text),
    Field(2, "fsType", Sparse, Text),
    Field(3, "storagePolicyName", Sparse, Text),
    Field(4, "storagePolicyID", Sparse, Text),
]);

static CORE_V1_WEIGHTED_POD_AFFINITY_TERM: Message = Message(&[
    Field(1, "weight", One, Int32),
    Field(2, "podAffinityTerm", One, Nested(&CORE_V1_POD_AFFINITY_TERM)),
]);

static CORE_V1_WINDOWS_SECURITY_CONTEXT_OPTIONS: Message = Message(&[
    Field(1, "gmsaCredentialSpecName", One, Text),
    Field(2, "gmsaCredentialSpec", One, Text),
    Field(3, "runAsUserName", One, Text),
    Field(4, "hostProcess", One, Bool),
]);

static DISCOVERY_V1_ENDPOINT: Message = Message(&[
    Field(1, "addresses", Many, Text),
    Field(2, "conditions", One, Nested(&DISCOVERY_V1_ENDPOINT_CONDITIONS)),
    Field(3, "hostname", One, Text),
    Field(4, "targetRef", One, Nested(&CORE_V1_OBJECT_REFERENCE)),
    Field(5, "deprecatedTopology", Map, Text),
    Field(6, "nodeName", One, Text),
    Field(7, "zone", One, Text),
    Field(8, "hints", One, Nested(&DISCOVERY_V1_ENDPOINT_HINTS)),
]);

static DISCOVERY_V1_ENDPOINT_CONDITIONS: Message = Message(&[
    Field(1, "ready", One, Bool),
    Field(2, "serving", One, Bool),
    Field(3, "terminating", One, Bool),
]);

static DISCOVERY_V1_ENDPOINT_HINTS: Message = Message(&[
    Field(1, "forZones", Many, Nested(&DISCOVERY_V1_FOR_ZONE)),
    Field(2, "forNodes", Many, Nested(&DISCOVERY_V1_FOR_NODE)),
]);

static DISCOVERY_V1_ENDPOINT_PORT: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "protocol", One, Text),
    Field(3, "port", One, Int32),
    Field(4, "appProtocol", One, Text),
]);

static DISCOVERY_V1_ENDPOINT_SLICE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "endpoints", Many, Nested(&DISCOVERY_V1_ENDPOINT)),
    Field(3, "ports", Many, Nested(&DISCOVERY_V1_ENDPOINT_PORT)),
    Field(4, "addressType", One, Text),
]);

static DISCOVERY_V1_FOR_NODE: Message = Message(&[
    Field(1, "name", One, Text),
]);

static DISCOVERY_V1_FOR_ZONE: Message = Message(&[
    Field(1, "name", One, Text),
]);

static EVENTS_V1_EVENT: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "eventTime", One, MicroTime),
    Field(3, "series", One, Nested(&EVENTS_V1_EVENT_SERIES)),
    Field(4, "reportingController", Sparse, Text),
    Field(5, "reportingInstance", Sparse, Text),
    Field(6, "action", Sparse, Text),
    Field(7, "reason", Sparse, Text),
    Field(8, "regarding", One, Nested(&CORE_V1_OBJECT_REFERENCE)),
    Field(9, "related", One, Nested(&CORE_V1_OBJECT_REFERENCE)),
    Field(10, "note", Sparse, Text),
    Field(11, "type", Sparse, Text),
    Field(12, "deprecatedSource", One, Nested(&CORE_V1_EVENT_SOURCE)),
    Field(13, "deprecatedFirstTimestamp", One, Time),
    Field(14, "deprecatedLastTimestamp", One, Time),
    Field(15, "deprecatedCount", Sparse, Int32),
]);

static EVENTS_V1_EVENT_SERIES: Message = Message(&[
    Field(1, "count", One, Int32),
    Field(2, "lastObservedTime", One, MicroTime),
]);

static FLOWCONTROL_V1_EXEMPT_PRIORITY_LEVEL_CONFIGURATION: Message = Message(&[
    Field(1, "nominalConcurrencyShares", One, Int32),
    Field(2, "lendablePercent", One, Int32),
]);

static FLOWCONTROL_V1_FLOW_DISTINGUISHER_METHOD: Message = Message(&[
    Field(1, "type", One, Text),
]);

static FLOWCONTROL_V1_FLOW_SCHEMA: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&FLOWCONTROL_V1_FLOW_SCHEMA_SPEC)),
    Field(3, "status", One, Nested(&FLOWCONTROL_V1_FLOW_SCHEMA_STATUS)),
]);

static FLOWCONTROL_V1_FLOW_SCHEMA_CONDITION: Message = Message(&[
    Field(1, "type", Sparse, Text),
    Field(2, "status", Sparse, Text),
    Field(3, "lastTransitionTime", One, Time),
    Field(4, "reason", Sparse, Text),
    Field(5, "message", Sparse, Text),
]);

static FLOWCONTROL_V1_FLOW_SCHEMA_SPEC: Message = Message(&[
    Field(1, "priorityLevelConfiguration", One, Nested(&FLOWCONTROL_V1_PRIORITY_LEVEL_CONFIGURATION_REFERENCE)),
    Field(2, "matchingPrecedence", One, Int32),
    Field(3, "distinguisherMethod", One, Nested(&FLOWCONTROL_V1_FLOW_DISTINGUISHER_METHOD)),
    Field(4, "rules", Many, Nested(&FLOWCONTROL_V1_POLICY_RULES_WITH_SUBJECTS)),
]);

static FLOWCONTROL_V1_FLOW_SCHEMA_STATUS: Message = Message(&[
    Field(1, "conditions", Many, Nested(&FLOWCONTROL_V1_FLOW_SCHEMA_CONDITION)),
]);

static FLOWCONTROL_V1_GROUP_SUBJECT: Message = Message(&[
    Field(1, "name", One, Text),
]);

static FLOWCONTROL_V1_LIMITED_PRIORITY_LEVEL_CONFIGURATION: Message = Message(&[
    Field(1, "nominalConcurrencyShares", One, Int32),
    Field(2, "limitResponse", One, Nested(&FLOWCONTROL_V1_LIMIT_RESPONSE)),
    Field(3, "lendablePercent", One, Int32),
    Field(4, "borrowingLimitPercent", One, Int32),
]);

static FLOWCONTROL_V1_LIMIT_RESPONSE: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "queuing", One, Nested(&FLOWCONTROL_V1_QUEUING_CONFIGURATION)),
]);

static FLOWCONTROL_V1_NON_RESOURCE_POLICY_RULE: Message = Message(&[
    Field(1, "verbs", Many, Text),
    Field(6, "nonResourceURLs", Many, Text),
]);

static FLOWCONTROL_V1_POLICY_RULES_WITH_SUBJECTS: Message = Message(&[
    Field(1, "subjects", Many, Nested(&FLOWCONTROL_V1_SUBJECT)),
    Field(2, "resourceRules", Many, Nested(&FLOWCONTROL_V1_RESOURCE_POLICY_RULE)),
    Field(3, "nonResourceRules", Many, Nested(&FLOWCONTROL_V1_NON_RESOURCE_POLICY_RULE)),
]);

static FLOWCONTROL_V1_PRIORITY_LEVEL_CONFIGURATION: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&FLOWCONTROL_V1_PRIORITY_LEVEL_CONFIGURATION_SPEC)),
    Field(3, "status", One, Nested(&FLOWCONTROL_V1_PRIORITY_LEVEL_CONFIGURATION_STATUS)),
]);

static FLOWCONTROL_V1_PRIORITY_LEVEL_CONFIGURATION_CONDITION: Message = Message(&[
    Field(1, "type", Sparse, Text),
    Field(2, "status", Sparse, Text),
    Field(3, "lastTransitionTime", One, Time),
    Field(4, "reason", Sparse, Text),
    Field(5, "message", Sparse, Text),
]);

static FLOWCONTROL_V1_PRIORITY_LEVEL_CONFIGURATION_REFERENCE: Message = Message(&[
    Field(1, "name", One, Text),
]);

static FLOWCONTROL_V1_PRIORITY_LEVEL_CONFIGURATION_SPEC: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "limited", One, Nested(&FLOWCONTROL_V1_LIMITED_PRIORITY_LEVEL_CONFIGURATION)),
    Field(3, "exempt", One, Nested(&FLOWCONTROL_V1_EXEMPT_PRIORITY_LEVEL_CONFIGURATION)),
]);

static FLOWCONTROL_V1_PRIORITY_LEVEL_CONFIGURATION_STATUS: Message = Message(&[
    Field(1, "conditions", Many, Nested(&FLOWCONTROL_V1_PRIORITY_LEVEL_CONFIGURATION_CONDITION)),
]);

static FLOWCONTROL_V1_QUEUING_CONFIGURATION: Message = Message(&[
    Field(1, "queues", One, Int32),
    Field(2, "handSize", One, Int32),
    Field(3, "queueLengthLimit", One, Int32),
]);

static FLOWCONTROL_V1_RESOURCE_POLICY_RULE: Message = Message(&[
    Field(1, "verbs", Many, Text),
    Field(2, "apiGroups", Many, Text),
    Field(3, "resources", Many, Text),
    Field(4, "clusterScope", Sparse, Bool),
    Field(5, "namespaces", Many, Text),
]);

static FLOWCONTROL_V1_SERVICE_ACCOUNT_SUBJECT: Message = Message(&[
    Field(1, "namespace", One, Text),
    Field(2, "name", One, Text),
]);

static FLOWCONTROL_V1_SUBJECT: Message = Message(&[
    Field(1, "kind", One, Text),
    Field(2, "user", One, Nested(&FLOWCONTROL_V1_USER_SUBJECT)),
    Field(3, "group", One, Nested(&FLOWCONTROL_V1_GROUP_SUBJECT)),
    Field(4, "serviceAccount", One, Nested(&FLOWCONTROL_V1_SERVICE_ACCOUNT_SUBJECT)),
]);

static FLOWCONTROL_V1_USER_SUBJECT: Message = Message(&[
    Field(1, "name", One, Text),
]);

static META_V1_CONDITION: Message = Message(&[
    Field(1, "type", One, Text),
    Field(2, "status", One, Text),
    Field(3, "observedGeneration", Sparse, Int64),
    Field(4, "lastTransitionTime", One, Time),
    Field(5, "reason", One, Text),
    Field(6, "message", One, Text),
]);

static META_V1_DELETE_OPTIONS: Message = Message(&[
    Field(1, "gracePeriodSeconds", One, Int64),
    Field(2, "preconditions", One, Nested(&META_V1_PRECONDITIONS)),
    Field(3, "orphanDependents", One, Bool),
    Field(4, "propagationPolicy", One, Text),
    Field(5, "dryRun", Many, Text),
    Field(6, "ignoreStoreReadErrorWithClusterBreakingPotential", One, Bool),
]);

static META_V1_FIELD_SELECTOR_REQUIREMENT: Message = Message(&[
    Field(1, "key", One, Text),
    Field(2, "operator", One, Text),
    Field(3, "values", Many, Text),
]);

static META_V1_GROUP_RESOURCE: Message = Message(&[
    Field(1, "group", One, Text),
    Field(2, "resource", One, Text),
]);

static META_V1_LABEL_SELECTOR: Message = Message(&[
    Field(1, "matchLabels", Map, Text),
    Field(2, "matchExpressions", Many, Nested(&META_V1_LABEL_SELECTOR_REQUIREMENT)),
]);

static META_V1_LABEL_SELECTOR_REQUIREMENT: Message = Message(&[
    Field(1, "key", One, Text),
    Field(2, "operator", One, Text),
    Field(3, "values", Many, Text),
]);

static META_V1_MANAGED_FIELDS_ENTRY: Message = Message(&[
    Field(1, "manager", Sparse, Text),
    Field(2, "operation", Sparse, Text),
    Field(3, "apiVersion", Sparse, Text),
    Field(4, "time", One, Time),
    Field(6, "fieldsType", Sparse, Text),
    Field(7, "fieldsV1", One, Json),
    Field(8, "subresource", Sparse, Text),
]);

static META_V1_OBJECT_META: Message = Message(&[
    Field(1, "name", Sparse, Text),
    Field(2, "generateName", Sparse, Text),
    Field(3, "namespace", Sparse, Text),
    Field(4, "selfLink", Sparse, Text),
    Field(5, "uid", Sparse, Text),
    Field(6, "resourceVersion", Sparse, Text),
    Field(7, "generation", Sparse, Int64),
    Field(8, "creationTimestamp", Sparse, Time),
    Field(9, "deletionTimestamp", One, Time),
    Field(10, "deletionGracePeriodSeconds", One, Int64),
    Field(11, "labels", Map, Text),
    Field(12, "annotations", Map, Text),
    Field(13, "ownerReferences", Many, Nested(&META_V1_OWNER_REFERENCE)),
    Field(14, "finalizers", Many, Text),
    Field(17, "managedFields", Many, Nested(&META_V1_MANAGED_FIELDS_ENTRY)),
]);

static META_V1_OWNER_REFERENCE: Message = Message(&[
    Field(1, "kind", One, Text),
    Field(3, "name", One, Text),
    Field(4, "uid", One, Text),
    Field(5, "apiVersion", One, Text),
    Field(6, "controller", One, Bool),
    Field(7, "blockOwnerDeletion", One, Bool),
]);

static META_V1_PRECONDITIONS: Message = Message(&[
    Field(1, "uid", One, Text),
    Field(2, "resourceVersion", One, Text),
]);

static NETWORKING_V1BETA1_IP_ADDRESS: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&NETWORKING_V1BETA1_IP_ADDRESS_SPEC)),
]);

static NETWORKING_V1BETA1_IP_ADDRESS_SPEC: Message = Message(&[
    Field(1, "parentRef", One, Nested(&NETWORKING_V1BETA1_PARENT_REFERENCE)),
]);

static NETWORKING_V1BETA1_PARENT_REFERENCE: Message = Message(&[
    Field(1, "group", Sparse, Text),
    Field(2, "resource", Sparse, Text),
    Field(3, "namespace", Sparse, Text),
    Field(4, "name", Sparse, Text),
]);

static NETWORKING_V1BETA1_SERVICE_CIDR: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&NETWORKING_V1BETA1_SERVICE_CIDR_SPEC)),
    Field(3, "status", One, Nested(&NETWORKING_V1BETA1_SERVICE_CIDR_STATUS)),
]);

static NETWORKING_V1BETA1_SERVICE_CIDR_SPEC: Message = Message(&[
    Field(1, "cidrs", Many, Text),
]);

static NETWORKING_V1BETA1_SERVICE_CIDR_STATUS: Message = Message(&[
    Field(1, "conditions", Many, Nested(&META_V1_CONDITION)),
]);

static NETWORKING_V1_HTTP_INGRESS_PATH: Message = Message(&[
    Field(1, "path", Sparse, Text),
    Field(2, "backend", One, Nested(&NETWORKING_V1_INGRESS_BACKEND)),
    Field(3, "pathType", One, Text),
]);

static NETWORKING_V1_HTTP_INGRESS_RULE_VALUE: Message = Message(&[
    Field(1, "paths", Many, Nested(&NETWORKING_V1_HTTP_INGRESS_PATH)),
]);

static NETWORKING_V1_INGRESS: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&NETWORKING_V1_INGRESS_SPEC)),
    Field(3, "status", One, Nested(&NETWORKING_V1_INGRESS_STATUS)),
]);

static NETWORKING_V1_INGRESS_BACKEND: Message = Message(&[
    Field(3, "resource", One, Nested(&CORE_V1_TYPED_LOCAL_OBJECT_REFERENCE)),
    Field(4, "service", One, Nested(&NETWORKING_V1_INGRESS_SERVICE_BACKEND)),
]);

static NETWORKING_V1_INGRESS_CLASS: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&NETWORKING_V1_INGRESS_CLASS_SPEC)),
]);

static NETWORKING_V1_INGRESS_CLASS_PARAMETERS_REFERENCE: Message = Message(&[
    Field(1, "apiGroup", One, Text),
    Field(2, "kind", One, Text),
    Field(3, "name", One, Text),
    Field(4, "scope", One, Text),
    Field(5, "namespace", One, Text),
]);

static NETWORKING_V1_INGRESS_CLASS_SPEC: Message = Message(&[
    Field(1, "controller", Sparse, Text),
    Field(2, "parameters", One, Nested(&NETWORKING_V1_INGRESS_CLASS_PARAMETERS_REFERENCE)),
]);

static NETWORKING_V1_INGRESS_LOAD_BALANCER_INGRESS: Message = Message(&[
    Field(1, "ip", Sparse, Text),
    Field(2, "hostname", Sparse, Text),
    Field(4, "ports", Many, Nested(&NETWORKING_V1_INGRESS_PORT_STATUS)),
]);

static NETWORKING_V1_INGRESS_LOAD_BALANCER_STATUS: Message = Message(&[
    Field(1, "ingress", Many, Nested(&NETWORKING_V1_INGRESS_LOAD_BALANCER_INGRESS)),
]);

static NETWORKING_V1_INGRESS_PORT_STATUS: Message = Message(&[
    Field(1, "port", One, Int32),
    Field(2, "protocol", One, Text),
    Field(3, "error", One, Text),
]);

static NETWORKING_V1_INGRESS_RULE: Message = Message(&[
    Field(1, "host", Sparse, Text),
    Field(2, "", One, Inlined(&NETWORKING_V1_INGRESS_RULE_VALUE)),
]);

static NETWORKING_V1_INGRESS_RULE_VALUE: Message = Message(&[
    Field(1, "http", One, Nested(&NETWORKING_V1_HTTP_INGRESS_RULE_VALUE)),
]);

static NETWORKING_V1_INGRESS_SERVICE_BACKEND: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "port", One, Nested(&NETWORKING_V1_SERVICE_BACKEND_PORT)),
]);

static NETWORKING_V1_INGRESS_SPEC: Message = Message(&[
    Field(1, "defaultBackend", One, Nested(&NETWORKING_V1_INGRESS_BACKEND)),
    Field(2, "tls", Many, Nested(&NETWORKING_V1_INGRESS_TLS)),
    Field(3, "rules", Many, Nested(&NETWORKING_V1_INGRESS_RULE)),
    Field(4, "ingressClassName", One, Text),
]);

static NETWORKING_V1_INGRESS_STATUS: Message = Message(&[
    Field(1, "loadBalancer", One, Nested(&NETWORKING_V1_INGRESS_LOAD_BALANCER_STATUS)),
]);

static NETWORKING_V1_INGRESS_TLS: Message = Message(&[
    Field(1, "hosts", Many, Text),
    Field(2, "secretName", Sparse, Text),
]);

static NETWORKING_V1_IP_ADDRESS: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&NETWORKING_V1_IP_ADDRESS_SPEC)),
]);

static NETWORKING_V1_IP_ADDRESS_SPEC: Message = Message(&[
    Field(1, "parentRef", One, Nested(&NETWORKING_V1_PARENT_REFERENCE)),
]);

static NETWORKING_V1_IP_BLOCK: Message = Message(&[
    Field(1, "cidr", One, Text),
    Field(2, "except", Many, Text),
]);

static NETWORKING_V1_NETWORK_POLICY: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&NETWORKING_V1_NETWORK_POLICY_SPEC)),
]);

static NETWORKING_V1_NETWORK_POLICY_EGRESS_RULE: Message = Message(&[
    Field(1, "ports", Many, Nested(&NETWORKING_V1_NETWORK_POLICY_PORT)),
    Field(2, "to", Many, Nested(&NETWORKING_V1_NETWORK_POLICY_PEER)),
]);

static NETWORKING_V1_NETWORK_POLICY_INGRESS_RULE: Message = Message(&[
    Field(1, "ports", Many, Nested(&NETWORKING_V1_NETWORK_POLICY_PORT)),
    Field(2, "from", Many, Nested(&NETWORKING_V1_NETWORK_POLICY_PEER)),
]);

static NETWORKING_V1_NETWORK_POLICY_PEER: Message = Message(&[
    Field(1, "podSelector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(2, "namespaceSelector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(3, "ipBlock", One, Nested(&NETWORKING_V1_IP_BLOCK)),
]);

static NETWORKING_V1_NETWORK_POLICY_PORT: Message = Message(&[
    Field(1, "protocol", One, Text),
    Field(2, "port", One, IntOrString),
    Field(3, "endPort", One, Int32),
]);

static NETWORKING_V1_NETWORK_POLICY_SPEC: Message = Message(&[
    Field(1, "podSelector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(2, "ingress", Many, Nested(&NETWORKING_V1_NETWORK_POLICY_INGRESS_RULE)),
    Field(3, "egress", Many, Nested(&NETWORKING_V1_NETWORK_POLICY_EGRESS_RULE)),
    Field(4, "policyTypes", Many, Text),
]);

static NETWORKING_V1_PARENT_REFERENCE: Message = Message(&[
    Field(1, "group", Sparse, Text),
    Field(2, "resource", Sparse, Text),
    Field(3, "namespace", Sparse, Text),
    Field(4, "name", Sparse, Text),
]);

static NETWORKING_V1_SERVICE_BACKEND_PORT: Message = Message(&[
    Field(1, "name", Sparse, Text),
    Field(2, "number", Sparse, Int32),
]);

static NETWORKING_V1_SERVICE_CIDR: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&NETWORKING_V1_SERVICE_CIDR_SPEC)),
    Field(3, "status", One, Nested(&NETWORKING_V1_SERVICE_CIDR_STATUS)),
]);

static NETWORKING_V1_SERVICE_CIDR_SPEC: Message = Message(&[
    Field(1, "cidrs", Many, Text),
]);

static NETWORKING_V1_SERVICE_CIDR_STATUS: Message = Message(&[
    Field(1, "conditions", Many, Nested(&META_V1_CONDITION)),
]);

static NODE_V1ALPHA1_OVERHEAD: Message = Message(&[
    Field(1, "podFixed", Map, Quantity),
]);

static NODE_V1ALPHA1_RUNTIME_CLASS: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&NODE_V1ALPHA1_RUNTIME_CLASS_SPEC)),
]);

static NODE_V1ALPHA1_RUNTIME_CLASS_SPEC: Message = Message(&[
    Field(1, "runtimeHandler", One, Text),
    Field(2, "overhead", One, Nested(&NODE_V1ALPHA1_OVERHEAD)),
    Field(3, "scheduling", One, Nested(&NODE_V1ALPHA1_SCHEDULING)),
]);

static NODE_V1ALPHA1_SCHEDULING: Message = Message(&[
    Field(1, "nodeSelector", Map, Text),
    Field(2, "tolerations", Many, Nested(&CORE_V1_TOLERATION)),
]);

static NODE_V1_OVERHEAD: Message = Message(&[
    Field(1, "podFixed", Map, Quantity),
]);

static NODE_V1_RUNTIME_CLASS: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "handler", One, Text),
    Field(3, "overhead", One, Nested(&NODE_V1_OVERHEAD)),
    Field(4, "scheduling", One, Nested(&NODE_V1_SCHEDULING)),
]);

static NODE_V1_SCHEDULING: Message = Message(&[
    Field(1, "nodeSelector", Map, Text),
    Field(2, "tolerations", Many, Nested(&CORE_V1_TOLERATION)),
]);

static POLICY_V1_EVICTION: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "deleteOptions", One, Nested(&META_V1_DELETE_OPTIONS)),
]);

static POLICY_V1_POD_DISRUPTION_BUDGET: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&POLICY_V1_POD_DISRUPTION_BUDGET_SPEC)),
    Field(3, "status", One, Nested(&POLICY_V1_POD_DISRUPTION_BUDGET_STATUS)),
]);

static POLICY_V1_POD_DISRUPTION_BUDGET_SPEC: Message = Message(&[
    Field(1, "minAvailable", One, IntOrString),
    Field(2, "selector", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(3, "maxUnavailable", One, IntOrString),
    Field(4, "unhealthyPodEvictionPolicy", One, Text),
]);

static POLICY_V1_POD_DISRUPTION_BUDGET_STATUS: Message = Message(&[
    Field(1, "observedGeneration", Sparse, Int64),
    Field(2, "disruptedPods", Map, Time),
    Field(3, "disruptionsAllowed", One, Int32),
    Field(4, "currentHealthy", One, Int32),
    Field(5, "desiredHealthy", One, Int32),
    Field(6, "expectedPods", One, Int32),
    Field(7, "conditions", Many, Nested(&META_V1_CONDITION)),
]);

static RBAC_V1ALPHA1_AGGREGATION_RULE: Message = Message(&[
    Field(1, "clusterRoleSelectors", Many, Nested(&META_V1_LABEL_SELECTOR)),
]);

static RBAC_V1ALPHA1_CLUSTER_ROLE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "rules", Many, Nested(&RBAC_V1ALPHA1_POLICY_RULE)),
    Field(3, "aggregationRule", One, Nested(&RBAC_V1ALPHA1_AGGREGATION_RULE)),
]);

static RBAC_V1ALPHA1_CLUSTER_ROLE_BINDING: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "subjects", Many, Nested(&RBAC_V1ALPHA1_SUBJECT)),
    Field(3, "roleRef", One, Nested(&RBAC_V1ALPHA1_ROLE_REF)),
]);

static RBAC_V1ALPHA1_POLICY_RULE: Message = Message(&[
    Field(1, "verbs", Many, Text),
    Field(3, "apiGroups", Many, Text),
    Field(4, "resources", Many, Text),
    Field(5, "resourceNames", Many, Text),
    Field(6, "nonResourceURLs", Many, Text),
]);

static RBAC_V1ALPHA1_ROLE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "rules", Many, Nested(&RBAC_V1ALPHA1_POLICY_RULE)),
]);

static RBAC_V1ALPHA1_ROLE_BINDING: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "subjects", Many, Nested(&RBAC_V1ALPHA1_SUBJECT)),
    Field(3, "roleRef", One, Nested(&RBAC_V1ALPHA1_ROLE_REF)),
]);

static RBAC_V1ALPHA1_ROLE_REF: Message = Message(&[
    Field(1, "apiGroup", One, Text),
    Field(2, "kind", One, Text),
    Field(3, "name", One, Text),
]);

static RBAC_V1ALPHA1_SUBJECT: Message = Message(&[
    Field(1, "kind", One, Text),
    Field(2, "apiVersion", Sparse, Text),
    Field(3, "name", One, Text),
    Field(4, "namespace", Sparse, Text),
]);

static RBAC_V1_AGGREGATION_RULE: Message = Message(&[
    Field(1, "clusterRoleSelectors", Many, Nested(&META_V1_LABEL_SELECTOR)),
]);

static RBAC_V1_CLUSTER_ROLE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "rules", Many, Nested(&RBAC_V1_POLICY_RULE)),
    Field(3, "aggregationRule", One, Nested(&RBAC_V1_AGGREGATION_RULE)),
]);

static RBAC_V1_CLUSTER_ROLE_BINDING: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "subjects", Many, Nested(&RBAC_V1_SUBJECT)),
    Field(3, "roleRef", One, Nested(&RBAC_V1_ROLE_REF)),
]);

static RBAC_V1_POLICY_RULE: Message = Message(&[
    Field(1, "verbs", Many, Text),
    Field(2, "apiGroups", Many, Text),
    Field(3, "resources", Many, Text),
    Field(4, "resourceNames", Many, Text),
    Field(5, "nonResourceURLs", Many, Text),
]);

static RBAC_V1_ROLE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "rules", Many, Nested(&RBAC_V1_POLICY_RULE)),
]);

static RBAC_V1_ROLE_BINDING: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "subjects", Many, Nested(&RBAC_V1_SUBJECT)),
    Field(3, "roleRef", One, Nested(&RBAC_V1_ROLE_REF)),
]);

static RBAC_V1_ROLE_REF: Message = Message(&[
    Field(1, "apiGroup", One, Text),
    Field(2, "kind", One, Text),
    Field(3, "name", One, Text),
]);

static RBAC_V1_SUBJECT: Message = Message(&[
    Field(1, "kind", One, Text),
    Field(2, "apiGroup", Sparse, Text),
    Field(3, "name", One, Text),
    Field(4, "namespace", Sparse, Text),
]);

static RESOURCE_V1ALPHA3_DEVICE_TAINT: Message = Message(&[
    Field(1, "key", One, Text),
    Field(2, "value", Sparse, Text),
    Field(3, "effect", One, Text),
    Field(4, "timeAdded", One, Time),
]);

static RESOURCE_V1ALPHA3_DEVICE_TAINT_RULE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&RESOURCE_V1ALPHA3_DEVICE_TAINT_RULE_SPEC)),
    Field(3, "status", One, Nested(&RESOURCE_V1ALPHA3_DEVICE_TAINT_RULE_STATUS)),
]);

static RESOURCE_V1ALPHA3_DEVICE_TAINT_RULE_SPEC: Message = Message(&[
    Field(1, "deviceSelector", One, Nested(&RESOURCE_V1ALPHA3_DEVICE_TAINT_SELECTOR)),
    Field(2, "taint", One, Nested(&RESOURCE_V1ALPHA3_DEVICE_TAINT)),
]);

static RESOURCE_V1ALPHA3_DEVICE_TAINT_RULE_STATUS: Message = Message(&[
    Field(1, "conditions", Many, Nested(&META_V1_CONDITION)),
]);

static RESOURCE_V1ALPHA3_DEVICE_TAINT_SELECTOR: Message = Message(&[
    Field(2, "driver", One, Text),
    Field(3, "pool", One, Text),
    Field(4, "device", One, Text),
]);

static RESOURCE_V1ALPHA3_POOL_STATUS: Message = Message(&[
    Field(1, "driver", Sparse, Text),
    Field(2, "poolName", Sparse, Text),
    Field(3, "nodeName", One, Text),
    Field(4, "totalDevices", One, Int32),
    Field(5, "allocatedDevices", One, Int32),
    Field(6, "availableDevices", One, Int32),
    Field(7, "unavailableDevices", One, Int32),
    Field(8, "resourceSliceCount", One, Int32),
    Field(9, "generation", One, Int64),
    Field(10, "validationError", One, Text),
]);

static RESOURCE_V1ALPHA3_RESOURCE_POOL_STATUS_REQUEST: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&RESOURCE_V1ALPHA3_RESOURCE_POOL_STATUS_REQUEST_SPEC)),
    Field(3, "status", One, Nested(&RESOURCE_V1ALPHA3_RESOURCE_POOL_STATUS_REQUEST_STATUS)),
]);

static RESOURCE_V1ALPHA3_RESOURCE_POOL_STATUS_REQUEST_SPEC: Message = Message(&[
    Field(1, "driver", One, Text),
    Field(2, "poolName", One, Text),
    Field(3, "limit", One, Int32),
]);

static RESOURCE_V1ALPHA3_RESOURCE_POOL_STATUS_REQUEST_STATUS: Message = Message(&[
    Field(2, "pools", Many, Nested(&RESOURCE_V1ALPHA3_POOL_STATUS)),
    Field(3, "conditions", Many, Nested(&META_V1_CONDITION)),
    Field(6, "poolCount", One, Int32),
]);

static RESOURCE_V1BETA1_ALLOCATED_DEVICE_STATUS: Message = Message(&[
    Field(1, "driver", One, Text),
    Field(2, "pool", One, Text),
    Field(3, "device", One, Text),
    Field(4, "conditions", Many, Nested(&META_V1_CONDITION)),
    Field(5, "data", One, Json),
    Field(6, "networkData", One, Nested(&RESOURCE_V1BETA1_NETWORK_DEVICE_DATA)),
    Field(7, "shareID", One, Text),
]);

static RESOURCE_V1BETA1_ALLOCATION_RESULT: Message = Message(&[
    Field(1, "devices", One, Nested(&RESOURCE_V1BETA1_DEVICE_ALLOCATION_RESULT)),
    Field(3, "nodeSelector", One, Nested(&CORE_V1_NODE_SELECTOR)),
    Field(5, "allocationTimestamp", One, Time),
]);

static RESOURCE_V1BETA1_BASIC_DEVICE: Message = Message(&[
    Field(1, "attributes", Map, Nested(&RESOURCE_V1BETA1_DEVICE_ATTRIBUTE)),
    Field(2, "capacity", Map, Nested(&RESOURCE_V1BETA1_DEVICE_CAPACITY)),
    Field(3, "consumesCounters", Many, Nested(&RESOURCE_V1BETA1_DEVICE_COUNTER_CONSUMPTION)),
    Field(4, "nodeName", One, Text),
    Field(5, "nodeSelector", One, Nested(&CORE_V1_NODE_SELECTOR)),
    Field(6, "allNodes", One, Bool),
    Field(7, "taints", Many, Nested(&RESOURCE_V1BETA1_DEVICE_TAINT)),
    Field(8, "bindsToNode", One, Bool),
    Field(9, "bindingConditions", Many, Text),
    Field(10, "bindingFailureConditions", Many, Text),
    Field(11, "allowMultipleAllocations", One, Bool),
    Field(12, "nodeAllocatableResourceMappings", Map, Nested(&RESOURCE_V1BETA1_NODE_ALLOCATABLE_RESOURCE_MAPPING)),
]);

static RESOURCE_V1BETA1_CAPACITY_REQUEST_POLICY: Message = Message(&[
    Field(1, "default", One, Quantity),
    Field(3, "validValues", Many, Quantity),
    Field(4, "validRange", One, Nested(&RESOURCE_V1BETA1_CAPACITY_REQUEST_POLICY_RANGE)),
]);

static RESOURCE_V1BETA1_CAPACITY_REQUEST_POLICY_RANGE: Message = Message(&[
    Field(1, "min", One, Quantity),
    Field(2, "max", One, Quantity),
    Field(3, "step", One, Quantity),
]);

static RESOURCE_V1BETA1_CAPACITY_REQUIREMENTS: Message = Message(&[
    Field(1, "requests", Map, Quantity),
]);

static RESOURCE_V1BETA1_CEL_DEVICE_SELECTOR: Message = Message(&[
    Field(1, "expression", One, Text),
]);

static RESOURCE_V1BETA1_COUNTER: Message = Message(&[
    Field(1, "value", One, Quantity),
]);

static RESOURCE_V1BETA1_COUNTER_SET: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "counters", Map, Nested(&RESOURCE_V1BETA1_COUNTER)),
]);

static RESOURCE_V1BETA1_DEVICE: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "basic", One, Nested(&RESOURCE_V1BETA1_BASIC_DEVICE)),
]);

static RESOURCE_V1BETA1_DEVICE_ALLOCATION_CONFIGURATION: Message = Message(&[
    Field(1, "source", One, Text),
    Field(2, "requests", Many, Text),
    Field(3, "", One, Inlined(&RESOURCE_V1BETA1_DEVICE_CONFIGURATION)),
]);

static RESOURCE_V1BETA1_DEVICE_ALLOCATION_RESULT: Message = Message(&[
    Field(1, "results", Many, Nested(&RESOURCE_V1BETA1_DEVICE_REQUEST_ALLOCATION_RESULT)),
    Field(2, "config", Many, Nested(&RESOURCE_V1BETA1_DEVICE_ALLOCATION_CONFIGURATION)),
]);

static RESOURCE_V1BETA1_DEVICE_ATTRIBUTE: Message = Message(&[
    Field(2, "int", One, Int64),
    Field(3, "bool", One, Bool),
    Field(4, "string", One, Text),
    Field(5, "version", One, Text),
    Field(6, "ints", Many, Int64),
    Field(7, "bools", Many, Bool),
    Field(8, "strings", Many, Text),
    Field(9, "versions", Many, Text),
]);

static RESOURCE_V1BETA1_DEVICE_CAPACITY: Message = Message(&[
    Field(1, "value", One, Quantity),
    Field(2, "requestPolicy", One, Nested(&RESOURCE_V1BETA1_CAPACITY_REQUEST_POLICY)),
]);

static RESOURCE_V1BETA1_DEVICE_CLAIM: Message = Message(&[
    Field(1, "requests", Many, Nested(&RESOURCE_V1BETA1_DEVICE_REQUEST)),
    Field(2, "constraints", Many, Nested(&RESOURCE_V1BETA1_DEVICE_CONSTRAINT)),
    Field(3, "config", Many, Nested(&RESOURCE_V1BETA1_DEVICE_CLAIM_CONFIGURATION)),
]);

static RESOURCE_V1BETA1_DEVICE_CLAIM_CONFIGURATION: Message = Message(&[
    Field(1, "requests", Many, Text),
    Field(2, "", One, Inlined(&RESOURCE_V1BETA1_DEVICE_CONFIGURATION)),
]);

static RESOURCE_V1BETA1_DEVICE_CLASS: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&RESOURCE_V1BETA1_DEVICE_CLASS_SPEC)),
]);

static RESOURCE_V1BETA1_DEVICE_CLASS_CONFIGURATION: Message = Message(&[
    Field(1, "", One, Inlined(&RESOURCE_V1BETA1_DEVICE_CONFIGURATION)),
]);

static RESOURCE_V1BETA1_DEVICE_CLASS_SPEC: Message = Message(&[
    Field(1, "selectors", Many, Nested(&RESOURCE_V1BETA1_DEVICE_SELECTOR)),
    Field(2, "config", Many, Nested(&RESOURCE_V1BETA1_DEVICE_CLASS_CONFIGURATION)),
    Field(4, "extendedResourceName", One, Text),
]);

static RESOURCE_V1BETA1_DEVICE_CONFIGURATION: Message = Message(&[
    Field(1, "opaque", One, Nested(&RESOURCE_V1BETA1_OPAQUE_DEVICE_CONFIGURATION)),
]);

static RESOURCE_V1BETA1_DEVICE_CONSTRAINT: Message = Message(&[
    Field(1, "requests", Many, Text),
    Field(2, "matchAttribute", One, Text),
    Field(3, "distinctAttribute", One, Text),
]);

static RESOURCE_V1BETA1_DEVICE_COUNTER_CONSUMPTION: Message = Message(&[
    Field(1, "counterSet", One, Text),
    Field(2, "counters", Map, Nested(&RESOURCE_V1BETA1_COUNTER)),
]);

static RESOURCE_V1BETA1_DEVICE_REQUEST: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "deviceClassName", One, Text),
    Field(3, "selectors", Many, Nested(&RESOURCE_V1BETA1_DEVICE_SELECTOR)),
    Field(4, "allocationMode", Sparse, Text),
    Field(5, "count", Sparse, Int64),
    Field(6, "adminAccess", One, Bool),
    Field(7, "firstAvailable", Many, Nested(&RESOURCE_V1BETA1_DEVICE_SUB_REQUEST)),
    Field(8, "tolerations", Many, Nested(&RESOURCE_V1BETA1_DEVICE_TOLERATION)),
    Field(9, "capacity", One, Nested(&RESOURCE_V1BETA1_CAPACITY_REQUIREMENTS)),
]);

static RESOURCE_V1BETA1_DEVICE_REQUEST_ALLOCATION_RESULT: Message = Message(&[
    Field(1, "request", One, Text),
    Field(2, "driver", One, Text),
    Field(3, "pool", One, Text),
    Field(4, "device", One, Text),
    Field(5, "adminAccess", One, Bool),
    Field(6, "tolerations", Many, Nested(&RESOURCE_V1BETA1_DEVICE_TOLERATION)),
    Field(7, "bindingConditions", Many, Text),
    Field(8, "bindingFailureConditions", Many, Text),
    Field(9, "shareID", One, Text),
    Field(10, "consumedCapacity", Map, Quantity),
]);

static RESOURCE_V1BETA1_DEVICE_SELECTOR: Message = Message(&[
    Field(1, "cel", One, Nested(&RESOURCE_V1BETA1_CEL_DEVICE_SELECTOR)),
]);

static RESOURCE_V1BETA1_DEVICE_SUB_REQUEST: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "deviceClassName", One, Text),
    Field(3, "selectors", Many, Nested(&RESOURCE_V1BETA1_DEVICE_SELECTOR)),
    Field(4, "allocationMode", Sparse, Text),
    Field(5, "count", Sparse, Int64),
    Field(7, "tolerations", Many, Nested(&RESOURCE_V1BETA1_DEVICE_TOLERATION)),
    Field(8, "capacity", One, Nested(&RESOURCE_V1BETA1_CAPACITY_REQUIREMENTS)),
]);

static RESOURCE_V1BETA1_DEVICE_TAINT: Message = Message(&[
    Field(1, "key", One, Text),
    Field(2, "value", Sparse, Text),
    Field(3, "effect", One, Text),
    Field(4, "timeAdded", One, Time),
]);

static RESOURCE_V1BETA1_DEVICE_TOLERATION: Message = Message(&[
    Field(1, "key", Sparse, Text),
    Field(2, "operator", Sparse, Text),
    Field(3, "value", Sparse, Text),
    Field(4, "effect", Sparse, Text),
    Field(5, "tolerationSeconds", One, Int64),
]);

static RESOURCE_V1BETA1_NETWORK_DEVICE_DATA: Message = Message(&[
    Field(1, "interfaceName", Sparse, Text),
    Field(2, "ips", Many, Text),
    Field(3, "hardwareAddress", Sparse, Text),
]);

static RESOURCE_V1BETA1_NODE_ALLOCATABLE_RESOURCE_MAPPING: Message = Message(&[
    Field(1, "capacityKey", One, Text),
    Field(2, "allocationMultiplier", One, Quantity),
]);

static RESOURCE_V1BETA1_OPAQUE_DEVICE_CONFIGURATION: Message = Message(&[
    Field(1, "driver", One, Text),
    Field(2, "parameters", One, Json),
]);

static RESOURCE_V1BETA1_RESOURCE_CLAIM: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&RESOURCE_V1BETA1_RESOURCE_CLAIM_SPEC)),
    Field(3, "status", One, Nested(&RESOURCE_V1BETA1_RESOURCE_CLAIM_STATUS)),
]);

static RESOURCE_V1BETA1_RESOURCE_CLAIM_CONSUMER_REFERENCE: Message = Message(&[
    Field(1, "apiGroup", Sparse, Text),
    Field(3, "resource", One, Text),
    Field(4, "name", One, Text),
    Field(5, "uid", One, Text),
]);

static RESOURCE_V1BETA1_RESOURCE_CLAIM_SPEC: Message = Message(&[
    Field(1, "devices", One, Nested(&RESOURCE_V1BETA1_DEVICE_CLAIM)),
]);

static RESOURCE_V1BETA1_RESOURCE_CLAIM_STATUS: Message = Message(&[
    Field(1, "allocation", One, Nested(&RESOURCE_V1BETA1_ALLOCATION_RESULT)),
    Field(2, "reservedFor", Many, Nested(&RESOURCE_V1BETA1_RESOURCE_CLAIM_CONSUMER_REFERENCE)),
    Field(4, "devices", Many, Nested(&RESOURCE_V1BETA1_ALLOCATED_DEVICE_STATUS)),
]);

static RESOURCE_V1BETA1_RESOURCE_CLAIM_TEMPLATE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&RESOURCE_V1BETA1_RESOURCE_CLAIM_TEMPLATE_SPEC)),
]);

static RESOURCE_V1BETA1_RESOURCE_CLAIM_TEMPLATE_SPEC: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&RESOURCE_V1BETA1_RESOURCE_CLAIM_SPEC)),
]);

static RESOURCE_V1BETA1_RESOURCE_POOL: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "generation", One, Int64),
    Field(3, "resourceSliceCount", One, Int64),
]);

static RESOURCE_V1BETA1_RESOURCE_SLICE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&RESOURCE_V1BETA1_RESOURCE_SLICE_SPEC)),
]);

static RESOURCE_V1BETA1_RESOURCE_SLICE_SPEC: Message = Message(&[
    Field(1, "driver", One, Text),
    Field(2, "pool", One, Nested(&RESOURCE_V1BETA1_RESOURCE_POOL)),
    Field(3, "nodeName", Sparse, Text),
    Field(4, "nodeSelector", One, Nested(&CORE_V1_NODE_SELECTOR)),
    Field(5, "allNodes", Sparse, Bool),
    Field(6, "devices", Many, Nested(&RESOURCE_V1BETA1_DEVICE)),
    Field(7, "perDeviceNodeSelection", One, Bool),
    Field(8, "sharedCounters", Many, Nested(&RESOURCE_V1BETA1_COUNTER_SET)),
]);

static RESOURCE_V1BETA2_ALLOCATED_DEVICE_STATUS: Message = Message(&[
    Field(1, "driver", One, Text),
    Field(2, "pool", One, Text),
    Field(3, "device", One, Text),
    Field(4, "conditions", Many, Nested(&META_V1_CONDITION)),
    Field(5, "data", One, Json),
    Field(6, "networkData", One, Nested(&RESOURCE_V1BETA2_NETWORK_DEVICE_DATA)),
    Field(7, "shareID", One, Text),
]);

static RESOURCE_V1BETA2_ALLOCATION_RESULT: Message = Message(&[
    Field(1, "devices", One, Nested(&RESOURCE_V1BETA2_DEVICE_ALLOCATION_RESULT)),
    Field(3, "nodeSelector", One, Nested(&CORE_V1_NODE_SELECTOR)),
    Field(5, "allocationTimestamp", One, Time),
]);

static RESOURCE_V1BETA2_CAPACITY_REQUEST_POLICY: Message = Message(&[
    Field(1, "default", One, Quantity),
    Field(3, "validValues", Many, Quantity),
    Field(4, "validRange", One, Nested(&RESOURCE_V1BETA2_CAPACITY_REQUEST_POLICY_RANGE)),
]);

static RESOURCE_V1BETA2_CAPACITY_REQUEST_POLICY_RANGE: Message = Message(&[
    Field(1, "min", One, Quantity),
    Field(2, "max", One, Quantity),
    Field(3, "step", One, Quantity),
]);

static RESOURCE_V1BETA2_CAPACITY_REQUIREMENTS: Message = Message(&[
    Field(1, "requests", Map, Quantity),
]);

static RESOURCE_V1BETA2_CEL_DEVICE_SELECTOR: Message = Message(&[
    Field(1, "expression", One, Text),
]);

static RESOURCE_V1BETA2_COUNTER: Message = Message(&[
    Field(1, "value", One, Quantity),
]);

static RESOURCE_V1BETA2_COUNTER_SET: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "counters", Map, Nested(&RESOURCE_V1BETA2_COUNTER)),
]);

static RESOURCE_V1BETA2_DEVICE: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "attributes", Map, Nested(&RESOURCE_V1BETA2_DEVICE_ATTRIBUTE)),
    Field(3, "capacity", Map, Nested(&RESOURCE_V1BETA2_DEVICE_CAPACITY)),
    Field(4, "consumesCounters", Many, Nested(&RESOURCE_V1BETA2_DEVICE_COUNTER_CONSUMPTION)),
    Field(5, "nodeName", One, Text),
    Field(6, "nodeSelector", One, Nested(&CORE_V1_NODE_SELECTOR)),
    Field(7, "allNodes", One, Bool),
    Field(8, "taints", Many, Nested(&RESOURCE_V1BETA2_DEVICE_TAINT)),
    Field(9, "bindsToNode", One, Bool),
    Field(10, "bindingConditions", Many, Text),
    Field(11, "bindingFailureConditions", Many, Text),
    Field(12, "allowMultipleAllocations", One, Bool),
    Field(13, "nodeAllocatableResourceMappings", Map, Nested(&RESOURCE_V1BETA2_NODE_ALLOCATABLE_RESOURCE_MAPPING)),
]);

static RESOURCE_V1BETA2_DEVICE_ALLOCATION_CONFIGURATION: Message = Message(&[
    Field(1, "source", One, Text),
    Field(2, "requests", Many, Text),
    Field(3, "", One, Inlined(&RESOURCE_V1BETA2_DEVICE_CONFIGURATION)),
]);

static RESOURCE_V1BETA2_DEVICE_ALLOCATION_RESULT: Message = Message(&[
    Field(1, "results", Many, Nested(&RESOURCE_V1BETA2_DEVICE_REQUEST_ALLOCATION_RESULT)),
    Field(2, "config", Many, Nested(&RESOURCE_V1BETA2_DEVICE_ALLOCATION_CONFIGURATION)),
]);

static RESOURCE_V1BETA2_DEVICE_ATTRIBUTE: Message = Message(&[
    Field(2, "int", One, Int64),
    Field(3, "bool", One, Bool),
    Field(4, "string", One, Text),
    Field(5, "version", One, Text),
    Field(6, "ints", Many, Int64),
    Field(7, "bools", Many, Bool),
    Field(8, "strings", Many, Text),
    Field(9, "versions", Many, Text),
]);

static RESOURCE_V1BETA2_DEVICE_CAPACITY: Message = Message(&[
    Field(1, "value", One, Quantity),
    Field(2, "requestPolicy", One, Nested(&RESOURCE_V1BETA2_CAPACITY_REQUEST_POLICY)),
]);

static RESOURCE_V1BETA2_DEVICE_CLAIM: Message = Message(&[
    Field(1, "requests", Many, Nested(&RESOURCE_V1BETA2_DEVICE_REQUEST)),
    Field(2, "constraints", Many, Nested(&RESOURCE_V1BETA2_DEVICE_CONSTRAINT)),
    Field(3, "config", Many, Nested(&RESOURCE_V1BETA2_DEVICE_CLAIM_CONFIGURATION)),
]);

static RESOURCE_V1BETA2_DEVICE_CLAIM_CONFIGURATION: Message = Message(&[
    Field(1, "requests", Many, Text),
    Field(2, "", One, Inlined(&RESOURCE_V1BETA2_DEVICE_CONFIGURATION)),
]);

static RESOURCE_V1BETA2_DEVICE_CLASS: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&RESOURCE_V1BETA2_DEVICE_CLASS_SPEC)),
]);

static RESOURCE_V1BETA2_DEVICE_CLASS_CONFIGURATION: Message = Message(&[
    Field(1, "", One, Inlined(&RESOURCE_V1BETA2_DEVICE_CONFIGURATION)),
]);

static RESOURCE_V1BETA2_DEVICE_CLASS_SPEC: Message = Message(&[
    Field(1, "selectors", Many, Nested(&RESOURCE_V1BETA2_DEVICE_SELECTOR)),
    Field(2, "config", Many, Nested(&RESOURCE_V1BETA2_DEVICE_CLASS_CONFIGURATION)),
    Field(4, "extendedResourceName", One, Text),
]);

static RESOURCE_V1BETA2_DEVICE_CONFIGURATION: Message = Message(&[
    Field(1, "opaque", One, Nested(&RESOURCE_V1BETA2_OPAQUE_DEVICE_CONFIGURATION)),
]);

static RESOURCE_V1BETA2_DEVICE_CONSTRAINT: Message = Message(&[
    Field(1, "requests", Many, Text),
    Field(2, "matchAttribute", One, Text),
    Field(3, "distinctAttribute", One, Text),
]);

static RESOURCE_V1BETA2_DEVICE_COUNTER_CONSUMPTION: Message = Message(&[
    Field(1, "counterSet", One, Text),
    Field(2, "counters", Map, Nested(&RESOURCE_V1BETA2_COUNTER)),
]);

static RESOURCE_V1BETA2_DEVICE_REQUEST: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "exactly", One, Nested(&RESOURCE_V1BETA2_EXACT_DEVICE_REQUEST)),
    Field(3, "firstAvailable", Many, Nested(&RESOURCE_V1BETA2_DEVICE_SUB_REQUEST)),
]);

static RESOURCE_V1BETA2_DEVICE_REQUEST_ALLOCATION_RESULT: Message = Message(&[
    Field(1, "request", One, Text),
    Field(2, "driver", One, Text),
    Field(3, "pool", One, Text),
    Field(4, "device", One, Text),
    Field(5, "adminAccess", One, Bool),
    Field(6, "tolerations", Many, Nested(&RESOURCE_V1BETA2_DEVICE_TOLERATION)),
    Field(7, "bindingConditions", Many, Text),
    Field(8, "bindingFailureConditions", Many, Text),
    Field(9, "shareID", One, Text),
    Field(10, "consumedCapacity", Map, Quantity),
]);

static RESOURCE_V1BETA2_DEVICE_SELECTOR: Message = Message(&[
    Field(1, "cel", One, Nested(&RESOURCE_V1BETA2_CEL_DEVICE_SELECTOR)),
]);

static RESOURCE_V1BETA2_DEVICE_SUB_REQUEST: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "deviceClassName", One, Text),
    Field(3, "selectors", Many, Nested(&RESOURCE_V1BETA2_DEVICE_SELECTOR)),
    Field(4, "allocationMode", Sparse, Text),
    Field(5, "count", Sparse, Int64),
    Field(6, "tolerations", Many, Nested(&RESOURCE_V1BETA2_DEVICE_TOLERATION)),
    Field(7, "capacity", One, Nested(&RESOURCE_V1BETA2_CAPACITY_REQUIREMENTS)),
]);

static RESOURCE_V1BETA2_DEVICE_TAINT: Message = Message(&[
    Field(1, "key", One, Text),
    Field(2, "value", Sparse, Text),
    Field(3, "effect", One, Text),
    Field(4, "timeAdded", One, Time),
]);

static RESOURCE_V1BETA2_DEVICE_TAINT_RULE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&RESOURCE_V1BETA2_DEVICE_TAINT_RULE_SPEC)),
    Field(3, "status", One, Nested(&RESOURCE_V1BETA2_DEVICE_TAINT_RULE_STATUS)),
]);

static RESOURCE_V1BETA2_DEVICE_TAINT_RULE_SPEC: Message = Message(&[
    Field(1, "deviceSelector", One, Nested(&RESOURCE_V1BETA2_DEVICE_TAINT_SELECTOR)),
    Field(2, "taint", One, Nested(&RESOURCE_V1BETA2_DEVICE_TAINT)),
]);

static RESOURCE_V1BETA2_DEVICE_TAINT_RULE_STATUS: Message = Message(&[
    Field(1, "conditions", Many, Nested(&META_V1_CONDITION)),
]);

static RESOURCE_V1BETA2_DEVICE_TAINT_SELECTOR: Message = Message(&[
    Field(2, "driver", One, Text),
    Field(3, "pool", One, Text),
    Field(4, "device", One, Text),
]);

static RESOURCE_V1BETA2_DEVICE_TOLERATION: Message = Message(&[
    Field(1, "key", Sparse, Text),
    Field(2, "operator", Sparse, Text),
    Field(3, "value", Sparse, Text),
    Field(4, "effect", Sparse, Text),
    Field(5, "tolerationSeconds", One, Int64),
]);

static RESOURCE_V1BETA2_EXACT_DEVICE_REQUEST: Message = Message(&[
    Field(1, "deviceClassName", One, Text),
    Field(2, "selectors", Many, Nested(&RESOURCE_V1BETA2_DEVICE_SELECTOR)),
    Field(3, "allocationMode", Sparse, Text),
    Field(4, "count", Sparse, Int64),
    Field(5, "adminAccess", One, Bool),
    Field(6, "tolerations", Many, Nested(&RESOURCE_V1BETA2_DEVICE_TOLERATION)),
    Field(7, "capacity", One, Nested(&RESOURCE_V1BETA2_CAPACITY_REQUIREMENTS)),
]);

static RESOURCE_V1BETA2_NETWORK_DEVICE_DATA: Message = Message(&[
    Field(1, "interfaceName", Sparse, Text),
    Field(2, "ips", Many, Text),
    Field(3, "hardwareAddress", Sparse, Text),
]);

static RESOURCE_V1BETA2_NODE_ALLOCATABLE_RESOURCE_MAPPING: Message = Message(&[
    Field(1, "capacityKey", One, Text),
    Field(2, "allocationMultiplier", One, Quantity),
]);

static RESOURCE_V1BETA2_OPAQUE_DEVICE_CONFIGURATION: Message = Message(&[
    Field(1, "driver", One, Text),
    Field(2, "parameters", One, Json),
]);

static RESOURCE_V1BETA2_RESOURCE_CLAIM: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&RESOURCE_V1BETA2_RESOURCE_CLAIM_SPEC)),
    Field(3, "status", One, Nested(&RESOURCE_V1BETA2_RESOURCE_CLAIM_STATUS)),
]);

static RESOURCE_V1BETA2_RESOURCE_CLAIM_CONSUMER_REFERENCE: Message = Message(&[
    Field(1, "apiGroup", Sparse, Text),
    Field(3, "resource", One, Text),
    Field(4, "name", One, Text),
    Field(5, "uid", One, Text),
]);

static RESOURCE_V1BETA2_RESOURCE_CLAIM_SPEC: Message = Message(&[
    Field(1, "devices", One, Nested(&RESOURCE_V1BETA2_DEVICE_CLAIM)),
]);

static RESOURCE_V1BETA2_RESOURCE_CLAIM_STATUS: Message = Message(&[
    Field(1, "allocation", One, Nested(&RESOURCE_V1BETA2_ALLOCATION_RESULT)),
    Field(2, "reservedFor", Many, Nested(&RESOURCE_V1BETA2_RESOURCE_CLAIM_CONSUMER_REFERENCE)),
    Field(4, "devices", Many, Nested(&RESOURCE_V1BETA2_ALLOCATED_DEVICE_STATUS)),
]);

static RESOURCE_V1BETA2_RESOURCE_CLAIM_TEMPLATE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&RESOURCE_V1BETA2_RESOURCE_CLAIM_TEMPLATE_SPEC)),
]);

static RESOURCE_V1BETA2_RESOURCE_CLAIM_TEMPLATE_SPEC: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&RESOURCE_V1BETA2_RESOURCE_CLAIM_SPEC)),
]);

static RESOURCE_V1BETA2_RESOURCE_POOL: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "generation", One, Int64),
    Field(3, "resourceSliceCount", One, Int64),
]);

static RESOURCE_V1BETA2_RESOURCE_SLICE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&RESOURCE_V1BETA2_RESOURCE_SLICE_SPEC)),
]);

static RESOURCE_V1BETA2_RESOURCE_SLICE_SPEC: Message = Message(&[
    Field(1, "driver", One, Text),
    Field(2, "pool", One, Nested(&RESOURCE_V1BETA2_RESOURCE_POOL)),
    Field(3, "nodeName", One, Text),
    Field(4, "nodeSelector", One, Nested(&CORE_V1_NODE_SELECTOR)),
    Field(5, "allNodes", One, Bool),
    Field(6, "devices", Many, Nested(&RESOURCE_V1BETA2_DEVICE)),
    Field(7, "perDeviceNodeSelection", One, Bool),
    Field(8, "sharedCounters", Many, Nested(&RESOURCE_V1BETA2_COUNTER_SET)),
]);

static RESOURCE_V1_ALLOCATED_DEVICE_STATUS: Message = Message(&[
    Field(1, "driver", One, Text),
    Field(2, "pool", One, Text),
    Field(3, "device", One, Text),
    Field(4, "conditions", Many, Nested(&META_V1_CONDITION)),
    Field(5, "data", One, Json),
    Field(6, "networkData", One, Nested(&RESOURCE_V1_NETWORK_DEVICE_DATA)),
    Field(7, "shareID", One, Text),
]);

static RESOURCE_V1_ALLOCATION_RESULT: Message = Message(&[
    Field(1, "devices", One, Nested(&RESOURCE_V1_DEVICE_ALLOCATION_RESULT)),
    Field(3, "nodeSelector", One, Nested(&CORE_V1_NODE_SELECTOR)),
    Field(5, "allocationTimestamp", One, Time),
]);

static RESOURCE_V1_CAPACITY_REQUEST_POLICY: Message = Message(&[
    Field(1, "default", One, Quantity),
    Field(3, "validValues", Many, Quantity),
    Field(4, "validRange", One, Nested(&RESOURCE_V1_CAPACITY_REQUEST_POLICY_RANGE)),
]);

static RESOURCE_V1_CAPACITY_REQUEST_POLICY_RANGE: Message = Message(&[
    Field(1, "min", One, Quantity),
    Field(2, "max", One, Quantity),
    Field(3, "step", One, Quantity),
]);

static RESOURCE_V1_CAPACITY_REQUIREMENTS: Message = Message(&[
    Field(1, "requests", Map, Quantity),
]);

static RESOURCE_V1_CEL_DEVICE_SELECTOR: Message = Message(&[
    Field(1, "expression", One, Text),
]);

static RESOURCE_V1_COUNTER: Message = Message(&[
    Field(1, "value", One, Quantity),
]);

static RESOURCE_V1_COUNTER_SET: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "counters", Map, Nested(&RESOURCE_V1_COUNTER)),
]);

static RESOURCE_V1_DEVICE: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "attributes", Map, Nested(&RESOURCE_V1_DEVICE_ATTRIBUTE)),
    Field(3, "capacity", Map, Nested(&RESOURCE_V1_DEVICE_CAPACITY)),
    Field(4, "consumesCounters", Many, Nested(&RESOURCE_V1_DEVICE_COUNTER_CONSUMPTION)),
    Field(5, "nodeName", One, Text),
    Field(6, "nodeSelector", One, Nested(&CORE_V1_NODE_SELECTOR)),
    Field(7, "allNodes", One, Bool),
    Field(8, "taints", Many, Nested(&RESOURCE_V1_DEVICE_TAINT)),
    Field(9, "bindsToNode", One, Bool),
    Field(10, "bindingConditions", Many, Text),
    Field(11, "bindingFailureConditions", Many, Text),
    Field(12, "allowMultipleAllocations", One, Bool),
    Field(13, "nodeAllocatableResourceMappings", Map, Nested(&RESOURCE_V1_NODE_ALLOCATABLE_RESOURCE_MAPPING)),
]);

static RESOURCE_V1_DEVICE_ALLOCATION_CONFIGURATION: Message = Message(&[
    Field(1, "source", One, Text),
    Field(2, "requests", Many, Text),
    Field(3, "", One, Inlined(&RESOURCE_V1_DEVICE_CONFIGURATION)),
]);

static RESOURCE_V1_DEVICE_ALLOCATION_RESULT: Message = Message(&[
    Field(1, "results", Many, Nested(&RESOURCE_V1_DEVICE_REQUEST_ALLOCATION_RESULT)),
    Field(2, "config", Many, Nested(&RESOURCE_V1_DEVICE_ALLOCATION_CONFIGURATION)),
]);

static RESOURCE_V1_DEVICE_ATTRIBUTE: Message = Message(&[
    Field(2, "int", One, Int64),
    Field(3, "bool", One, Bool),
    Field(4, "string", One, Text),
    Field(5, "version", One, Text),
    Field(6, "ints", Many, Int64),
    Field(7, "bools", Many, Bool),
    Field(8, "strings", Many, Text),
    Field(9, "versions", Many, Text),
]);

static RESOURCE_V1_DEVICE_CAPACITY: Message = Message(&[
    Field(1, "value", One, Quantity),
    Field(2, "requestPolicy", One, Nested(&RESOURCE_V1_CAPACITY_REQUEST_POLICY)),
]);

static RESOURCE_V1_DEVICE_CLAIM: Message = Message(&[
    Field(1, "requests", Many, Nested(&RESOURCE_V1_DEVICE_REQUEST)),
    Field(2, "constraints", Many, Nested(&RESOURCE_V1_DEVICE_CONSTRAINT)),
    Field(3, "config", Many, Nested(&RESOURCE_V1_DEVICE_CLAIM_CONFIGURATION)),
]);

static RESOURCE_V1_DEVICE_CLAIM_CONFIGURATION: Message = Message(&[
    Field(1, "requests", Many, Text),
    Field(2, "", One, Inlined(&RESOURCE_V1_DEVICE_CONFIGURATION)),
]);

static RESOURCE_V1_DEVICE_CLASS: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&RESOURCE_V1_DEVICE_CLASS_SPEC)),
]);

static RESOURCE_V1_DEVICE_CLASS_CONFIGURATION: Message = Message(&[
    Field(1, "", One, Inlined(&RESOURCE_V1_DEVICE_CONFIGURATION)),
]);

static RESOURCE_V1_DEVICE_CLASS_SPEC: Message = Message(&[
    Field(1, "selectors", Many, Nested(&RESOURCE_V1_DEVICE_SELECTOR)),
    Field(2, "config", Many, Nested(&RESOURCE_V1_DEVICE_CLASS_CONFIGURATION)),
    Field(4, "extendedResourceName", One, Text),
]);

static RESOURCE_V1_DEVICE_CONFIGURATION: Message = Message(&[
    Field(1, "opaque", One, Nested(&RESOURCE_V1_OPAQUE_DEVICE_CONFIGURATION)),
]);

static RESOURCE_V1_DEVICE_CONSTRAINT: Message = Message(&[
    Field(1, "requests", Many, Text),
    Field(2, "matchAttribute", One, Text),
    Field(3, "distinctAttribute", One, Text),
]);

static RESOURCE_V1_DEVICE_COUNTER_CONSUMPTION: Message = Message(&[
    Field(1, "counterSet", One, Text),
    Field(2, "counters", Map, Nested(&RESOURCE_V1_COUNTER)),
]);

static RESOURCE_V1_DEVICE_REQUEST: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "exactly", One, Nested(&RESOURCE_V1_EXACT_DEVICE_REQUEST)),
    Field(3, "firstAvailable", Many, Nested(&RESOURCE_V1_DEVICE_SUB_REQUEST)),
]);

static RESOURCE_V1_DEVICE_REQUEST_ALLOCATION_RESULT: Message = Message(&[
    Field(1, "request", One, Text),
    Field(2, "driver", One, Text),
    Field(3, "pool", One, Text),
    Field(4, "device", One, Text),
    Field(5, "adminAccess", One, Bool),
    Field(6, "tolerations", Many, Nested(&RESOURCE_V1_DEVICE_TOLERATION)),
    Field(7, "bindingConditions", Many, Text),
    Field(8, "bindingFailureConditions", Many, Text),
    Field(9, "shareID", One, Text),
    Field(10, "consumedCapacity", Map, Quantity),
]);

static RESOURCE_V1_DEVICE_SELECTOR: Message = Message(&[
    Field(1, "cel", One, Nested(&RESOURCE_V1_CEL_DEVICE_SELECTOR)),
]);

static RESOURCE_V1_DEVICE_SUB_REQUEST: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "deviceClassName", One, Text),
    Field(3, "selectors", Many, Nested(&RESOURCE_V1_DEVICE_SELECTOR)),
    Field(4, "allocationMode", Sparse, Text),
    Field(5, "count", Sparse, Int64),
    Field(6, "tolerations", Many, Nested(&RESOURCE_V1_DEVICE_TOLERATION)),
    Field(7, "capacity", One, Nested(&RESOURCE_V1_CAPACITY_REQUIREMENTS)),
]);

static RESOURCE_V1_DEVICE_TAINT: Message = Message(&[
    Field(1, "key", One, Text),
    Field(2, "value", Sparse, Text),
    Field(3, "effect", One, Text),
    Field(4, "timeAdded", One, Time),
]);

static RESOURCE_V1_DEVICE_TOLERATION: Message = Message(&[
    Field(1, "key", Sparse, Text),
    Field(2, "operator", Sparse, Text),
    Field(3, "value", Sparse, Text),
    Field(4, "effect", Sparse, Text),
    Field(5, "tolerationSeconds", One, Int64),
]);

static RESOURCE_V1_EXACT_DEVICE_REQUEST: Message = Message(&[
    Field(1, "deviceClassName", One, Text),
    Field(2, "selectors", Many, Nested(&RESOURCE_V1_DEVICE_SELECTOR)),
    Field(3, "allocationMode", Sparse, Text),
    Field(4, "count", Sparse, Int64),
    Field(5, "adminAccess", One, Bool),
    Field(6, "tolerations", Many, Nested(&RESOURCE_V1_DEVICE_TOLERATION)),
    Field(7, "capacity", One, Nested(&RESOURCE_V1_CAPACITY_REQUIREMENTS)),
]);

static RESOURCE_V1_NETWORK_DEVICE_DATA: Message = Message(&[
    Field(1, "interfaceName", Sparse, Text),
    Field(2, "ips", Many, Text),
    Field(3, "hardwareAddress", Sparse, Text),
]);

static RESOURCE_V1_NODE_ALLOCATABLE_RESOURCE_MAPPING: Message = Message(&[
    Field(1, "capacityKey", One, Text),
    Field(2, "allocationMultiplier", One, Quantity),
]);

static RESOURCE_V1_OPAQUE_DEVICE_CONFIGURATION: Message = Message(&[
    Field(1, "driver", One, Text),
    Field(2, "parameters", One, Json),
]);

static RESOURCE_V1_RESOURCE_CLAIM: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&RESOURCE_V1_RESOURCE_CLAIM_SPEC)),
    Field(3, "status", One, Nested(&RESOURCE_V1_RESOURCE_CLAIM_STATUS)),
]);

static RESOURCE_V1_RESOURCE_CLAIM_CONSUMER_REFERENCE: Message = Message(&[
    Field(1, "apiGroup", Sparse, Text),
    Field(3, "resource", One, Text),
    Field(4, "name", One, Text),
    Field(5, "uid", One, Text),
]);

static RESOURCE_V1_RESOURCE_CLAIM_SPEC: Message = Message(&[
    Field(1, "devices", One, Nested(&RESOURCE_V1_DEVICE_CLAIM)),
]);

static RESOURCE_V1_RESOURCE_CLAIM_STATUS: Message = Message(&[
    Field(1, "allocation", One, Nested(&RESOURCE_V1_ALLOCATION_RESULT)),
    Field(2, "reservedFor", Many, Nested(&RESOURCE_V1_RESOURCE_CLAIM_CONSUMER_REFERENCE)),
    Field(4, "devices", Many, Nested(&RESOURCE_V1_ALLOCATED_DEVICE_STATUS)),
]);

static RESOURCE_V1_RESOURCE_CLAIM_TEMPLATE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&RESOURCE_V1_RESOURCE_CLAIM_TEMPLATE_SPEC)),
]);

static RESOURCE_V1_RESOURCE_CLAIM_TEMPLATE_SPEC: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&RESOURCE_V1_RESOURCE_CLAIM_SPEC)),
]);

static RESOURCE_V1_RESOURCE_POOL: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "generation", One, Int64),
    Field(3, "resourceSliceCount", One, Int64),
]);

static RESOURCE_V1_RESOURCE_SLICE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&RESOURCE_V1_RESOURCE_SLICE_SPEC)),
]);

static RESOURCE_V1_RESOURCE_SLICE_SPEC: Message = Message(&[
    Field(1, "driver", One, Text),
    Field(2, "pool", One, Nested(&RESOURCE_V1_RESOURCE_POOL)),
    Field(3, "nodeName", One, Text),
    Field(4, "nodeSelector", One, Nested(&CORE_V1_NODE_SELECTOR)),
    Field(5, "allNodes", One, Bool),
    Field(6, "devices", Many, Nested(&RESOURCE_V1_DEVICE)),
    Field(7, "perDeviceNodeSelection", One, Bool),
    Field(8, "sharedCounters", Many, Nested(&RESOURCE_V1_COUNTER_SET)),
]);

static SCHEDULING_V1ALPHA2_BASIC_SCHEDULING_POLICY: Message = Message(&[
]);

static SCHEDULING_V1ALPHA2_GANG_SCHEDULING_POLICY: Message = Message(&[
    Field(1, "minCount", One, Int32),
]);

static SCHEDULING_V1ALPHA2_POD_GROUP: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&SCHEDULING_V1ALPHA2_POD_GROUP_SPEC)),
    Field(3, "status", One, Nested(&SCHEDULING_V1ALPHA2_POD_GROUP_STATUS)),
]);

static SCHEDULING_V1ALPHA2_POD_GROUP_RESOURCE_CLAIM: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "resourceClaimName", One, Text),
    Field(3, "resourceClaimTemplateName", One, Text),
]);

static SCHEDULING_V1ALPHA2_POD_GROUP_RESOURCE_CLAIM_STATUS: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "resourceClaimName", One, Text),
]);

static SCHEDULING_V1ALPHA2_POD_GROUP_SCHEDULING_CONSTRAINTS: Message = Message(&[
    Field(1, "topology", Many, Nested(&SCHEDULING_V1ALPHA2_TOPOLOGY_CONSTRAINT)),
]);

static SCHEDULING_V1ALPHA2_POD_GROUP_SCHEDULING_POLICY: Message = Message(&[
    Field(1, "basic", One, Nested(&SCHEDULING_V1ALPHA2_BASIC_SCHEDULING_POLICY)),
    Field(2, "gang", One, Nested(&SCHEDULING_V1ALPHA2_GANG_SCHEDULING_POLICY)),
]);

static SCHEDULING_V1ALPHA2_POD_GROUP_SPEC: Message = Message(&[
    Field(1, "podGroupTemplateRef", One, Nested(&SCHEDULING_V1ALPHA2_POD_GROUP_TEMPLATE_REFERENCE)),
    Field(2, "schedulingPolicy", One, Nested(&SCHEDULING_V1ALPHA2_POD_GROUP_SCHEDULING_POLICY)),
    Field(3, "schedulingConstraints", One, Nested(&SCHEDULING_V1ALPHA2_POD_GROUP_SCHEDULING_CONSTRAINTS)),
    Field(4, "resourceClaims", Many, Nested(&SCHEDULING_V1ALPHA2_POD_GROUP_RESOURCE_CLAIM)),
    Field(5, "disruptionMode", One, Text),
    Field(6, "priorityClassName", Sparse, Text),
    Field(7, "priority", One, Int32),
]);

static SCHEDULING_V1ALPHA2_POD_GROUP_STATUS: Message = Message(&[
    Field(1, "conditions", Many, Nested(&META_V1_CONDITION)),
    Field(2, "resourceClaimStatuses", Many, Nested(&SCHEDULING_V1ALPHA2_POD_GROUP_RESOURCE_CLAIM_STATUS)),
]);

static SCHEDULING_V1ALPHA2_POD_GROUP_TEMPLATE: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "schedulingPolicy", One, Nested(&SCHEDULING_V1ALPHA2_POD_GROUP_SCHEDULING_POLICY)),
    Field(3, "schedulingConstraints", One, Nested(&SCHEDULING_V1ALPHA2_POD_GROUP_SCHEDULING_CONSTRAINTS)),
    Field(4, "resourceClaims", Many, Nested(&SCHEDULING_V1ALPHA2_POD_GROUP_RESOURCE_CLAIM)),
    Field(5, "disruptionMode", One, Text),
    Field(6, "priorityClassName", Sparse, Text),
    Field(7, "priority", One, Int32),
]);

static SCHEDULING_V1ALPHA2_POD_GROUP_TEMPLATE_REFERENCE: Message = Message(&[
    Field(1, "workload", One, Nested(&SCHEDULING_V1ALPHA2_WORKLOAD_POD_GROUP_TEMPLATE_REFERENCE)),
]);

static SCHEDULING_V1ALPHA2_TOPOLOGY_CONSTRAINT: Message = Message(&[
    Field(1, "key", One, Text),
]);

static SCHEDULING_V1ALPHA2_TYPED_LOCAL_OBJECT_REFERENCE: Message = Message(&[
    Field(1, "apiGroup", Sparse, Text),
    Field(2, "kind", One, Text),
    Field(3, "name", One, Text),
]);

static SCHEDULING_V1ALPHA2_WORKLOAD: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&SCHEDULING_V1ALPHA2_WORKLOAD_SPEC)),
]);

static SCHEDULING_V1ALPHA2_WORKLOAD_POD_GROUP_TEMPLATE_REFERENCE: Message = Message(&[
    Field(1, "workloadName", One, Text),
    Field(2, "podGroupTemplateName", One, Text),
]);

static SCHEDULING_V1ALPHA2_WORKLOAD_SPEC: Message = Message(&[
    Field(1, "controllerRef", One, Nested(&SCHEDULING_V1ALPHA2_TYPED_LOCAL_OBJECT_REFERENCE)),
    Field(2, "podGroupTemplates", Many, Nested(&SCHEDULING_V1ALPHA2_POD_GROUP_TEMPLATE)),
]);

static SCHEDULING_V1_PRIORITY_CLASS: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "value", One, Int32),
    Field(3, "globalDefault", Sparse, Bool),
    Field(4, "description", Sparse, Text),
    Field(5, "preemptionPolicy", One, Text),
]);

static STORAGEMIGRATION_V1BETA1_STORAGE_VERSION_MIGRATION: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&STORAGEMIGRATION_V1BETA1_STORAGE_VERSION_MIGRATION_SPEC)),
    Field(3, "status", One, Nested(&STORAGEMIGRATION_V1BETA1_STORAGE_VERSION_MIGRATION_STATUS)),
]);

static STORAGEMIGRATION_V1BETA1_STORAGE_VERSION_MIGRATION_SPEC: Message = Message(&[
    Field(1, "resource", One, Nested(&META_V1_GROUP_RESOURCE)),
]);

static STORAGEMIGRATION_V1BETA1_STORAGE_VERSION_MIGRATION_STATUS: Message = Message(&[
    Field(1, "conditions", Many, Nested(&META_V1_CONDITION)),
    Field(2, "resourceVersion", Sparse, Text),
]);

static STORAGE_V1BETA1_VOLUME_ATTRIBUTES_CLASS: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "driverName", One, Text),
    Field(3, "parameters", Map, Text),
]);

static STORAGE_V1_CSI_DRIVER: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&STORAGE_V1_CSI_DRIVER_SPEC)),
]);

static STORAGE_V1_CSI_DRIVER_SPEC: Message = Message(&[
    Field(1, "attachRequired", One, Bool),
    Field(2, "podInfoOnMount", One, Bool),
    Field(3, "volumeLifecycleModes", Many, Text),
    Field(4, "storageCapacity", One, Bool),
    Field(5, "fsGroupPolicy", One, Text),
    Field(6, "tokenRequests", Many, Nested(&STORAGE_V1_TOKEN_REQUEST)),
    Field(7, "requiresRepublish", One, Bool),
    Field(8, "seLinuxMount", One, Bool),
    Field(9, "nodeAllocatableUpdatePeriodSeconds", One, Int64),
    Field(10, "serviceAccountTokenInSecrets", One, Bool),
    Field(11, "preventPodSchedulingIfMissing", One, Bool),
]);

static STORAGE_V1_CSI_NODE: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&STORAGE_V1_CSI_NODE_SPEC)),
]);

static STORAGE_V1_CSI_NODE_DRIVER: Message = Message(&[
    Field(1, "name", One, Text),
    Field(2, "nodeID", One, Text),
    Field(3, "topologyKeys", Many, Text),
    Field(4, "allocatable", One, Nested(&STORAGE_V1_VOLUME_NODE_RESOURCES)),
]);

static STORAGE_V1_CSI_NODE_SPEC: Message = Message(&[
    Field(1, "drivers", Many, Nested(&STORAGE_V1_CSI_NODE_DRIVER)),
]);

static STORAGE_V1_CSI_STORAGE_CAPACITY: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "nodeTopology", One, Nested(&META_V1_LABEL_SELECTOR)),
    Field(3, "storageClassName", One, Text),
    Field(4, "capacity", One, Quantity),
    Field(5, "maximumVolumeSize", One, Quantity),
]);

static STORAGE_V1_STORAGE_CLASS: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "provisioner", One, Text),
    Field(3, "parameters", Map, Text),
    Field(4, "reclaimPolicy", One, Text),
    Field(5, "mountOptions", Many, Text),
    Field(6, "allowVolumeExpansion", One, Bool),
    Field(7, "volumeBindingMode", One, Text),
    Field(8, "allowedTopologies", Many, Nested(&CORE_V1_TOPOLOGY_SELECTOR_TERM)),
]);

static STORAGE_V1_TOKEN_REQUEST: Message = Message(&[
    Field(1, "audience", One, Text),
    Field(2, "expirationSeconds", One, Int64),
]);

static STORAGE_V1_VOLUME_ATTACHMENT: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "spec", One, Nested(&STORAGE_V1_VOLUME_ATTACHMENT_SPEC)),
    Field(3, "status", One, Nested(&STORAGE_V1_VOLUME_ATTACHMENT_STATUS)),
]);

static STORAGE_V1_VOLUME_ATTACHMENT_SOURCE: Message = Message(&[
    Field(1, "persistentVolumeName", One, Text),
    Field(2, "inlineVolumeSpec", One, Nested(&CORE_V1_PERSISTENT_VOLUME_SPEC)),
]);

static STORAGE_V1_VOLUME_ATTACHMENT_SPEC: Message = Message(&[
    Field(1, "attacher", One, Text),
    Field(2, "source", One, Nested(&STORAGE_V1_VOLUME_ATTACHMENT_SOURCE)),
    Field(3, "nodeName", One, Text),
]);

static STORAGE_V1_VOLUME_ATTACHMENT_STATUS: Message = Message(&[
    Field(1, "attached", One, Bool),
    Field(2, "attachmentMetadata", Map, Text),
    Field(3, "attachError", One, Nested(&STORAGE_V1_VOLUME_ERROR)),
    Field(4, "detachError", One, Nested(&STORAGE_V1_VOLUME_ERROR)),
]);

static STORAGE_V1_VOLUME_ATTRIBUTES_CLASS: Message = Message(&[
    Field(1, "metadata", One, Nested(&META_V1_OBJECT_META)),
    Field(2, "driverName", One, Text),
    Field(3, "parameters", Map, Text),
]);

static STORAGE_V1_VOLUME_ERROR: Message = Message(&[
    Field(1, "time", One, Time),
    Field(2, "message", Sparse, Text),
    Field(3, "errorCode", One, Int32),
]);

static STORAGE_V1_VOLUME_NODE_RESOURCES: Message = Message(&[
    Field(1, "count", One, Int32),
]);
