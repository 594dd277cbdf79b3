-- SPDX-License-Identifier: Apache-2.0
-- What customers spend in each quarter of an hour: tumbling windows over the time in the orders themselves.

-- Each INSERT waits for its job.
SET 'table.dml-sync' = 'true';

CREATE TABLE orders (
  customer STRING,
  amount DECIMAL(10, 2),
  ordered_at TIMESTAMP(3),
  WATERMARK FOR ordered_at AS ordered_at - INTERVAL '5' SECOND
) PARTITIONED BY (customer) WITH (
  'connector' = 'v3io',
  'endpoint' = '${V3IO_ENDPOINT}',
  'stream' = 'users/examples/orders',
  'format' = 'json',
  'sink.create-stream.shard-count' = '4',
  'scan.bounded.mode' = 'latest' -- without it the query goes on with new orders for ever
);

INSERT INTO orders VALUES
  ('ada',   12.50, TIMESTAMP '2026-01-05 09:01:00'),
  ('grace', 40.00, TIMESTAMP '2026-01-05 09:03:30'),
  ('ada',    7.25, TIMESTAMP '2026-01-05 09:14:59'),
  ('ada',   30.00, TIMESTAMP '2026-01-05 09:15:00'),
  ('grace',  5.75, TIMESTAMP '2026-01-05 09:29:10'),
  ('alan',  99.90, TIMESTAMP '2026-01-05 09:44:00');

SELECT window_start, customer, COUNT(*) AS orders, SUM(amount) AS spent
FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ordered_at), INTERVAL '15' MINUTES))
GROUP BY window_start, window_end, customer;
