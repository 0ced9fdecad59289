-- The demo's database: invented people, card numbers that pass the Luhn check, and a role that the gateway uses.
CREATE TABLE customers (
    id          integer PRIMARY KEY,
    name        text NOT NULL,
    email       text NOT NULL,
    card_number varchar(19) NOT NULL,
    ssn         text NOT NULL,
    joined      date NOT NULL
);
CREATE TABLE orders (
    id          integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    amount      numeric(10, 2) NOT NULL,
    status      text NOT NULL DEFAULT 'paid',
    placed      timestamptz NOT NULL DEFAULT '2026-11-01 12:00:00+00'
);
INSERT INTO customers VALUES
    (1, 'Ada Moreau', 'ada@example.com', '4111111111111111', '219-09-9999', '2024-02-03'),
    (2, 'Bo Lindqvist', 'bo@example.com', '5500005555555559', '457-55-5462', '2024-07-19'),
    (3, 'Chidi Okafor', 'chidi@example.com', '340000000000009', '078-05-1120', '2025-01-30');
INSERT INTO orders (id, customer_id, amount) VALUES
    (7, 1, 129.90), (8, 2, 15.00), (9, 3, 2450.00), (10, 1, 8.25);
