-- SPDX-License-Identifier: Apache-2.0
-- Orders meet the customers who made them: two streams are joined into a third.

-- Each INSERT waits for its job.
SET 'table.dml-sync' = 'true';

CREATE TABLE orders (
  order_id INT,
  customer STRING,
  amount DECIMAL(10, 2)
) PARTITIONED BY (customer) WITH (
  'connector' = 'v3io',
  'endpoint' = '${V3IO_ENDPOINT}',
  'stream' = 'users/examples/shop/orders',
  'format' = 'json',
  'sink.create-stream.shard-count' = '4',
  'scan.bounded.mode' = 'latest' -- without it the join goes on with what comes for ever
);

CREATE TABLE customers (
  customer STRING,
  city STRING
) PARTITIONED BY (customer) WITH (
  'connector' = 'v3io',
  'endpoint' = '${V3IO_ENDPOINT}',
  'stream' = 'users/examples/shop/customers',
  'format' = 'json',
  'sink.create-stream.shard-count' = '2',
  'scan.bounded.mode' = 'latest'
);

CREATE TABLE orders_with_city (
  order_id INT,
  customer STRING,
  amount DECIMAL(10, 2),
  city STRING
) PARTITIONED BY (city) WITH (
  'connector' = 'v3io',
  'endpoint' = '${V3IO_ENDPOINT}',
  'stream' = 'users/examples/shop/orders-with-city',
  'format' = 'json',
  'sink.create-stream.shard-count' = '2',
  'scan.bounded.mode' = 'latest'
);

EXECUTE STATEMENT SET BEGIN
INSERT INTO customers VALUES ('ada', 'London'), ('grace', 'New York'), ('alan', 'London');
INSERT INTO orders VALUES (1, 'ada', 12.50), (2, 'grace', 40.00), (3, 'ada', 7.25), (4, 'alan', 99.90), (5, 'nobody', 1.00);
END;

INSERT INTO orders_with_city
SELECT o.order_id, o.customer, o.amount, c.city
FROM orders AS o JOIN customers AS c ON o.customer = c.customer;

-- A result that is complete, and so in order.
SET 'execution.runtime-mode' = 'batch';
SELECT * FROM orders_with_city ORDER BY order_id;
