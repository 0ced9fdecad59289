"""Which nodes of PostgreSQL's parse tree may appear in a statement that policy judges.

The list is of what is understood. A node that a newer grammar brings is not in it, and is refused until
someone has thought about what it can do.
"""

from __future__ import annotations

from narrows.policy.patterns import words

PLAIN = words(
    """
    A_ArrayExpr A_Indices A_Star Alias ArrayExpr BitString BoolExpr Boolean
    BooleanTest CTECycleClause CTESearchClause CaseExpr CaseWhen CoalesceExpr CollateClause
    CurrentOfExpr Float GroupingFunc GroupingSet IndexElem InferClause Integer JoinExpr
    JsonAggConstructor JsonArgument JsonArrayAgg JsonArrayConstructor JsonArrayQueryConstructor
    JsonBehavior JsonFormat JsonFuncExpr JsonIsPredicate JsonKeyValue JsonObjectAgg
    JsonObjectConstructor JsonOutput JsonParseExpr JsonReturning JsonScalarExpr JsonSerializeExpr
    JsonTable JsonTableColumn JsonTablePathSpec JsonValueExpr List MergeSupportFunc MinMaxExpr
    MultiAssignRef NamedArgExpr NullTest OnConflictClause ParamRef RangeFunction RangeSubselect
    RangeTableFunc RangeTableFuncCol RangeTableSample ResTarget ReturningClause ReturningOption RowExpr
    SQLValueFunction SetToDefault String TypeCast TypeName WindowDef XmlExpr XmlSerialize
    """
)
"""Nodes that do nothing by themselves: what is inside them counts."""

DEFINITION_PARTS = words(
    """
    ATAlterConstraint AccessPriv AlterTableCmd ColumnDef Constraint CreateOpClassItem DefElem
    FunctionParameter IntoClause ObjectWithArgs PartitionBoundSpec PartitionCmd PartitionElem
    PartitionRangeDatum PartitionSpec PublicationObjSpec PublicationTable ReplicaIdentityStmt RoleSpec
    StatsElem TableLikeClause TriggerTransition VacuumRelation
    """
)
"""Parts of definitions; the statement around them carries the verb that needs a rule."""

UNTYPED = {
    "larg": "SelectStmt",
    "rarg": "SelectStmt",
    "withClause": "WithClause",
    "relation": "RangeVar",
    "rel": "RangeVar",
    "name": "RangeVar",
    "pktable": "RangeVar",
    "funccall": "FuncCall",
    "setstmt": "VariableSetStmt",
    "base": "CreateStmt",
    "intoClause": "IntoClause",
    "into": "IntoClause",
    "over": "WindowDef",
    "alias": "Alias",
    "join_using_alias": "Alias",
    "collClause": "CollateClause",
    "typeName": "TypeName",
    "type_name": "TypeName",
    "returnType": "TypeName",
    "argType": "TypeName",
    "ofTypename": "TypeName",
    "onConflictClause": "OnConflictClause",
    "infer": "InferClause",
    "returningClause": "ReturningClause",
    "search_clause": "CTESearchClause",
    "cycle_clause": "CTECycleClause",
    "partspec": "PartitionSpec",
    "partbound": "PartitionBoundSpec",
    "bound": "PartitionBoundSpec",
    "owner": "RoleSpec",
    "newowner": "RoleSpec",
    "role": "RoleSpec",
    "grantor": "RoleSpec",
    "authrole": "RoleSpec",
    "output": "JsonOutput",
    "returning": "JsonReturning",
    "format": "JsonFormat",
    "context_item": "JsonValueExpr",
    "arg": "JsonValueExpr",
    "value": "JsonValueExpr",
    "expr": "JsonValueExpr",
    "val": "JsonValueExpr",
    "constructor": "JsonAggConstructor",
    "on_empty": "JsonBehavior",
    "on_error": "JsonBehavior",
    "pathspec": "JsonTablePathSpec",
    "pubtable": "PublicationTable",
}
"""The parser's JSON leaves out the type of a child that can only be of one; the field's name tells it."""

DEFINITIONS: dict[str, tuple[str, str | None]] = {
    "AlterCollationStmt": ("alter", None),
    "AlterDatabaseRefreshCollStmt": ("alter", None),
    "AlterDatabaseSetStmt": ("administer", None),
    "AlterDatabaseStmt": ("administer", None),
    "AlterDefaultPrivilegesStmt": ("grant", None),
    "AlterDomainStmt": ("alter", None),
    "AlterEnumStmt": ("alter", None),
    "AlterEventTrigStmt": ("alter", None),
    "AlterExtensionContentsStmt": ("administer", None),
    "AlterExtensionStmt": ("administer", None),
    "AlterFdwStmt": ("administer", None),
    "AlterForeignServerStmt": ("administer", None),
    "AlterFunctionStmt": ("alter", None),
    "AlterObjectDependsStmt": ("alter", "relation"),
    "AlterObjectSchemaStmt": ("alter", "relation"),
    "AlterOpFamilyStmt": ("alter", None),
    "AlterOperatorStmt": ("alter", None),
    "AlterOwnerStmt": ("alter", "relation"),
    "AlterPolicyStmt": ("alter", "table"),
    "AlterPublicationStmt": ("administer", None),
    "AlterRoleSetStmt": ("administer", None),
    "AlterRoleStmt": ("administer", None),
    "AlterSeqStmt": ("alter", "sequence"),
    "AlterStatsStmt": ("alter", None),
    "AlterSubscriptionStmt": ("administer", None),
    "AlterSystemStmt": ("administer", None),
    "AlterTSConfigurationStmt": ("alter", None),
    "AlterTSDictionaryStmt": ("alter", None),
    "AlterTableMoveAllStmt": ("administer", None),
    "AlterTableSpaceOptionsStmt": ("administer", None),
    "AlterTableStmt": ("alter", "relation"),
    "AlterTypeStmt": ("alter", None),
    "AlterUserMappingStmt": ("administer", None),
    "CheckPointStmt": ("administer", None),
    "ClusterStmt": ("maintain", "relation"),
    "CommentStmt": ("alter", None),
    "CompositeTypeStmt": ("create", "typevar"),
    "CreateAmStmt": ("administer", None),
    "CreateCastStmt": ("create", None),
    "CreateConversionStmt": ("create", None),
    "CreateDomainStmt": ("create", None),
    "CreateEnumStmt": ("create", None),
    "CreateEventTrigStmt": ("administer", None),
    "CreateExtensionStmt": ("administer", None),
    "CreateFdwStmt": ("administer", None),
    "CreateForeignServerStmt": ("administer", None),
    "CreateForeignTableStmt": ("administer", None),
    "CreateFunctionStmt": ("create", None),
    "CreateOpClassStmt": ("create", None),
    "CreateOpFamilyStmt": ("create", None),
    "CreatePLangStmt": ("administer", None),
    "CreatePolicyStmt": ("alter", "table"),
    "CreatePublicationStmt": ("administer", None),
    "CreateRangeStmt": ("create", None),
    "CreateRoleStmt": ("administer", None),
    "CreateSchemaStmt": ("create", None),
    "CreateSeqStmt": ("create", "sequence"),
    "CreateStatsStmt": ("create", None),
    "CreateStmt": ("create", "relation"),
    "CreateSubscriptionStmt": ("administer", None),
    "CreateTableSpaceStmt": ("administer", None),
    "CreateTransformStmt": ("create", None),
    "CreateTrigStmt": ("alter", "relation"),
    "CreateUserMappingStmt": ("administer", None),
    "CreatedbStmt": ("administer", None),
    "DefineStmt": ("create", None),
    "DropOwnedStmt": ("drop", None),
    "DropRoleStmt": ("drop", None),
    "DropSubscriptionStmt": ("drop", None),
    "DropTableSpaceStmt": ("drop", None),
    "DropUserMappingStmt": ("drop", None),
    "DropdbStmt": ("drop", None),
    "GrantRoleStmt": ("grant", None),
    "ImportForeignSchemaStmt": ("administer", None),
    "IndexStmt": ("alter", "relation"),
    "LoadStmt": ("administer", None),
    "ReassignOwnedStmt": ("administer", None),
    "RefreshMatViewStmt": ("maintain", "relation"),
    "ReindexStmt": ("maintain", "relation"),
    "RenameStmt": ("alter", "relation"),
    "RuleStmt": ("alter", "relation"),
    "SecLabelStmt": ("alter", None),
    "ViewStmt": ("create", "view"),
}
"""Statements of one verb, done to the relation in the field named, or to nothing with a relation's name."""

UNREAD_DEFINITIONS = words(
    """
    AlterOpFamilyStmt AlterOperatorStmt AlterPublicationStmt AlterSystemStmt AlterTSConfigurationStmt
    AlterTSDictionaryStmt AlterTypeStmt AlterDatabaseSetStmt AlterRoleSetStmt CommentStmt CreateAmStmt
    CreateCastStmt CreateConversionStmt CreateEventTrigStmt CreateFunctionStmt CreateOpClassStmt
    CreatePLangStmt CreatePublicationStmt CreateRoleStmt CreateStatsStmt CreateSubscriptionStmt
    CreateTransformStmt CreateTrigStmt DefineStmt ImportForeignSchemaStmt SecLabelStmt AlterFunctionStmt
    AlterObjectDependsStmt AlterEventTrigStmt AlterDefaultPrivilegesStmt AlterRoleStmt AlterDatabaseStmt
    AlterStatsStmt AlterExtensionContentsStmt AlterObjectSchemaStmt AlterOwnerStmt RenameStmt
    AlterEnumStmt AlterUserMappingStmt CreateUserMappingStmt DropUserMappingStmt AlterSubscriptionStmt
    AlterCollationStmt GrantRoleStmt ReassignOwnedStmt DropOwnedStmt DropRoleStmt CompositeTypeStmt
    CreateEnumStmt CreateRangeStmt CreateOpFamilyStmt CreateTableSpaceStmt AlterTableSpaceOptionsStmt
    CreatedbStmt DropdbStmt DropTableSpaceStmt DropSubscriptionStmt AlterTableMoveAllStmt LoadStmt
    CheckPointStmt AlterForeignServerStmt AlterFdwStmt CreateFdwStmt CreateForeignServerStmt
    AlterExtensionStmt CreateExtensionStmt AlterDatabaseRefreshCollStmt
    """
)
"""Definitions that run nothing at once: the verb says it all and their insides are not looked at."""
