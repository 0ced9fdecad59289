"""The system catalogues: those that only describe the schema, and those that show data or other sessions.

Every client reads the first kind: psql's `\\d`, asyncpg's and psycopg's type lookups, SQLAlchemy's
reflection. The second kind is where data leaks round every mask: column statistics hold most common values,
activity views hold other people's statements.
"""

from __future__ import annotations

from narrows.policy.patterns import words

DESCRIBES = frozenset(
    ("pg_catalog", name)
    for name in words(
        """
        pg_aggregate pg_am pg_amop pg_amproc pg_attrdef pg_attribute pg_auth_members
        pg_available_extensions pg_cast pg_class pg_collation pg_constraint pg_conversion
        pg_database pg_default_acl pg_depend pg_description pg_enum pg_event_trigger pg_extension
        pg_foreign_data_wrapper pg_foreign_table pg_index pg_indexes pg_inherits pg_init_privs
        pg_language pg_matviews pg_namespace pg_opclass pg_operator pg_opfamily pg_partitioned_table
        pg_policies pg_policy pg_proc pg_publication pg_publication_namespace pg_publication_rel
        pg_publication_tables pg_range pg_rewrite pg_roles pg_rules pg_seclabel pg_sequence
        pg_sequences pg_settings pg_shdepend pg_shdescription pg_statistic_ext pg_tables
        pg_tablespace pg_timezone_abbrevs pg_timezone_names pg_trigger pg_ts_config pg_ts_config_map
        pg_ts_dict pg_ts_parser pg_ts_template pg_type pg_views
        """
    )
) | frozenset(
    ("information_schema", name)
    for name in words(
        """
        applicable_roles attributes character_sets check_constraint_routine_usage check_constraints
        collations column_column_usage column_domain_usage column_privileges column_udt_usage
        columns constraint_column_usage constraint_table_usage domain_constraints domain_udt_usage
        domains element_types enabled_roles information_schema_catalog_name key_column_usage
        parameters referential_constraints role_column_grants role_routine_grants role_table_grants
        routine_privileges routines schemata sequences sql_features table_constraints
        table_privileges tables triggers udt_privileges user_defined_types view_column_usage
        view_routine_usage view_table_usage views
        """
    )
)
"""Any principal that a target admits may read these."""

REVEALS = words(
    """
    pg_authid pg_cursors pg_hba_file_rules pg_ident_file_mappings pg_largeobject pg_largeobject_metadata
    pg_locks pg_prepared_statements pg_prepared_xacts pg_replication_slots pg_shadow pg_stat_activity
    pg_stat_replication pg_stat_statements pg_statistic pg_statistic_ext_data pg_stats pg_stats_ext
    pg_stats_ext_exprs pg_subscription pg_user_mapping pg_user_mappings
    """
)
"""Masked whole where any mask applies: they hold values of columns, or other sessions' statements."""
