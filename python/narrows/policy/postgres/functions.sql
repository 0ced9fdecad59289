-- Sorts PostgreSQL's own functions into harmless and guarded; one line each, `harmless abs` or `guarded lo_get`.
--
--     psql --no-psqlrc --tuples-only --no-align --file functions.sql > functions.txt
--
-- Run on a fresh database of the newest supported major version, without extensions. A name is harmless when
-- every overload of it is: it neither changes anything, nor reads files, other sessions or statistics, nor runs
-- SQL that comes as a string. Everything else needs a rule that names it.
WITH overload AS (
    SELECT proname AS name,
           provolatile <> 'v'
           -- internal, trigger, event_trigger, language_handler, fdw_handler, table_am_handler, cstring, ...
           AND NOT EXISTS (
               SELECT FROM unnest(array_append(proargtypes::oid[], prorettype)) AS used(type)
               WHERE used.type IN ('internal'::regtype, 'trigger'::regtype, 'event_trigger'::regtype,
                                   'cstring'::regtype, 'pg_ddl_command'::regtype)
           )
           AND proname !~ '^(pg_read_|pg_ls_|pg_stat|pg_logical_|pg_hba_|pg_ident_|pg_show_|pg_get_wal|pg_wal)'
           AND proname !~ '^(pg_replication_|pg_get_replication_|pg_lock|pg_prepared_|pg_cursor|pg_config)'
           AND proname !~ '^(lo|lo_.*|loread|lowrite|dblink.*|binary_upgrade_.*|brin_.*|gin_.*)$'
           AND proname !~ '_to_xml(_and_xmlschema|schema)?$'
           AND proname NOT IN ('ts_stat', 'ts_rewrite', 'set_config', 'pg_listening_channels', 'currtid2',
                               'pg_get_publication_tables', 'pg_tablespace_location', 'pg_get_backend_memory_contexts',
                               'pg_mcv_list_items', 'pg_input_error_info', 'pg_conf_load_time', 'pg_blocking_pids',
                               'inet_client_addr', 'inet_client_port', 'inet_server_addr', 'inet_server_port')
           OR proname IN ('clock_timestamp', 'currval', 'gen_random_uuid', 'lastval', 'pg_advisory_unlock_all',
                          'pg_database_size', 'pg_indexes_size', 'pg_is_in_recovery', 'pg_relation_size',
                          'pg_size_pretty', 'pg_sleep', 'pg_sleep_for', 'pg_sleep_until', 'pg_table_size',
                          'pg_tablespace_size', 'pg_total_relation_size', 'random', 'random_normal',
                          'timeofday', 'uuidv4', 'uuidv7', 'array_shuffle', 'array_sample',
                          'pg_jit_available', 'pg_partition_ancestors', 'pg_partition_tree')
           AS harmless
    FROM pg_proc
    WHERE pronamespace = 'pg_catalog'::regnamespace
)
SELECT CASE WHEN bool_and(harmless) THEN 'harmless ' ELSE 'guarded ' END || name
FROM overload
GROUP BY name
ORDER BY name COLLATE "C";
