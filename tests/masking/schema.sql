-- A shop whose customers hold masked columns of many types, and every kind of object that can show them again.
CREATE SCHEMA s9;
CREATE TYPE address AS (street text, zip int);
CREATE TYPE order_status AS ENUM ('open', 'paid', 'shipped');
CREATE DOMAIN us_ssn AS text CHECK (VALUE <> '' AND length(VALUE) < 40);

CREATE TABLE customers (
    id int PRIMARY KEY,
    name text NOT NULL,
    city text NOT NULL,
    joined date NOT NULL,
    note text,
    email text NOT NULL,
    ssn text NOT NULL,
    ssn_checked us_ssn,
    card varchar(24) NOT NULL,
    salary int CHECK (salary > 0),
    rating numeric(12, 3),
    weight float8,
    born date,
    seen timestamptz,
    token uuid,
    profile jsonb,
    aliases text[],
    home address,
    badge bytea,
    ip inet,
    stay daterange,
    ssn_head text GENERATED ALWAYS AS (left(ssn, 8)) STORED,
    CONSTRAINT one_ssn UNIQUE (ssn) DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE vip (perk text) INHERITS (customers);
CREATE TABLE orders (
    id int PRIMARY KEY,
    customer_id int NOT NULL REFERENCES customers DEFERRABLE INITIALLY IMMEDIATE,
    status order_status NOT NULL,
    placed date NOT NULL,
    total numeric(10, 2) NOT NULL,
    note text
);
CREATE TABLE items (
    order_id int NOT NULL REFERENCES orders,
    line int NOT NULL,
    product text NOT NULL,
    quantity int NOT NULL,
    price numeric(10, 2) NOT NULL,
    PRIMARY KEY (order_id, line)
);
CREATE TABLE payments (id int PRIMARY KEY, order_id int NOT NULL REFERENCES orders, iban text, amount numeric(10, 2));
CREATE TABLE events (id int NOT NULL, at timestamptz NOT NULL, kind text NOT NULL, caller text) PARTITION BY RANGE (id);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (100);
CREATE TABLE events_2 (caller text, kind text NOT NULL, dropped int, at timestamptz NOT NULL, id int NOT NULL);
ALTER TABLE events_2 DROP COLUMN dropped;
ALTER TABLE events ATTACH PARTITION events_2 FOR VALUES FROM (100) TO (200);
CREATE TABLE notes (id int PRIMARY KEY, body text, number int);
CREATE TABLE products (id int, label text);
CREATE TABLE s9.products (id int, label text);
CREATE TABLE logged (id int);
CREATE SEQUENCE tickets;

CREATE VIEW v_plain AS SELECT id, ssn AS number, name FROM customers;
CREATE VIEW v_nested AS SELECT id, number AS n, name FROM v_plain;
CREATE VIEW v_computed AS SELECT id, 'ssn ' || ssn AS words, salary * 2 AS twice FROM customers;
CREATE VIEW v_aggregate AS SELECT city, max(ssn) AS top, count(*) AS people FROM customers GROUP BY city;
CREATE VIEW v_whole AS SELECT id, to_jsonb(c) AS everything, c AS row_of FROM customers c;
CREATE VIEW v_union AS SELECT id, ssn AS value FROM customers UNION ALL SELECT id, name FROM customers;
CREATE VIEW v_filtered AS SELECT id, name FROM customers WHERE salary > 1000;
CREATE VIEW v_people AS SELECT id, name, city FROM customers;
CREATE VIEW v_totals AS SELECT customer_id, sum(total) AS spent, count(*) AS orders FROM orders GROUP BY customer_id;
CREATE VIEW v_barrier WITH (security_barrier) AS SELECT id, card, city FROM customers;
CREATE MATERIALIZED VIEW m_cards AS SELECT id, card, ssn, upper(ssn) AS loud FROM customers;
CREATE MATERIALIZED VIEW m_totals AS SELECT status, sum(total) AS total FROM orders GROUP BY status;

CREATE FUNCTION first_ssn() RETURNS text LANGUAGE sql STABLE AS 'SELECT ssn FROM public.customers ORDER BY id LIMIT 1';
CREATE FUNCTION ssn_of(int) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER
    AS $$ BEGIN RETURN (SELECT ssn FROM public.customers WHERE id = $1 LIMIT 1); END $$;
CREATE FUNCTION all_customers() RETURNS SETOF customers LANGUAGE sql STABLE AS 'SELECT * FROM public.customers';
CREATE FUNCTION ssn_table() RETURNS TABLE (id int, value text) LANGUAGE sql STABLE
    AS 'SELECT id, ssn FROM public.customers';
CREATE FUNCTION ssn_line(customers) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1.name || $1.ssn';
CREATE FUNCTION buyer(orders) RETURNS text LANGUAGE sql STABLE
    AS 'SELECT ssn FROM public.customers WHERE id = $1.customer_id LIMIT 1';
CREATE FUNCTION tell(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'told %', $1; RETURN $1; END $$;
CREATE FUNCTION fail(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'failed %', $1
    USING DETAIL = $1, HINT = $1, COLUMN = $1, TABLE = $1, CONSTRAINT = $1, DATATYPE = $1, SCHEMA = $1; END $$;
CREATE FUNCTION fail_as(text, text) RETURNS text LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = $1, MESSAGE = $2, CONSTRAINT = $2; END $$;
CREATE FUNCTION run(text) RETURNS text LANGUAGE plpgsql AS $$ DECLARE r text; BEGIN EXECUTE $1 INTO r; RETURN r; END $$;
CREATE FUNCTION cursor_on(refcursor) RETURNS refcursor LANGUAGE plpgsql
    AS $$ BEGIN OPEN $1 FOR SELECT id, lower(ssn) FROM public.customers; RETURN $1; END $$;
CREATE FUNCTION prepare_for_me() RETURNS void LANGUAGE plpgsql
    AS $$ BEGIN EXECUTE 'PREPARE given AS SELECT lower(ssn) FROM public.customers'; END $$;
CREATE FUNCTION shadow_for_me() RETURNS void LANGUAGE plpgsql
    AS $$ BEGIN CREATE TEMP TABLE notes AS SELECT id, ssn AS body, salary AS number FROM public.customers; END $$;
CREATE FUNCTION move_path() RETURNS void LANGUAGE plpgsql
    AS $$ BEGIN PERFORM set_config('search_path', 's9, public', false); END $$;
CREATE FUNCTION keep_setting(text) RETURNS void LANGUAGE plpgsql
    AS $$ BEGIN PERFORM set_config('application_name', $1, false); END $$;
CREATE AGGREGATE glue(text) (SFUNC = textcat, STYPE = text, INITCOND = '');
CREATE FUNCTION with_tax(numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 1.2';
CREATE PROCEDURE pay(INOUT who text) LANGUAGE plpgsql
    AS $$ BEGIN SELECT ssn INTO who FROM public.customers ORDER BY id LIMIT 1; END $$;
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE NOTICE 'changed %', OLD.ssn; RETURN NEW; END $$;
CREATE TRIGGER stamp AFTER UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE RULE answer AS ON INSERT TO logged DO INSTEAD SELECT ssn FROM customers;
COMMENT ON COLUMN customers.ssn IS 'social security number';
CREATE INDEX by_lower_ssn ON customers (lower(ssn));
CREATE STATISTICS pairs (mcv) ON city, ssn FROM customers;
