-- SPDX-License-Identifier: Apache-2.0
-- Error rate and latencies of models, from the events that MLRun's model servers write: one event a record, or a batch of
-- them with "headers" and "values". Then results of model monitoring, whose data is JSON inside JSON.

-- Each INSERT waits for its job.
SET 'table.dml-sync' = 'true';
SET 'execution.runtime-mode' = 'batch';
SET 'parallelism.default' = '1';

-- A stand-in for the model servers: their records as they are.
CREATE TABLE records (data STRING) WITH (
  'connector' = 'v3io', 'endpoint' = '${V3IO_ENDPOINT}', 'stream' = 'projects/fraud/model-endpoints/stream',
  'format' = 'raw', 'sink.create-stream.shard-count' = '2'
);

INSERT INTO records VALUES
  ('{"class": "Model", "worker": "0", "model": "fraud", "version": "v1", "host": "h", "function_uri": "fraud/serving", "request": {"inputs": [[1]]}, "op": "infer", "resp": {"outputs": [0]}, "when": "2026-01-05 09:00:01.000000+00:00", "microsec": 1000}'),
  ('{"class": "Model", "worker": "0", "model": "fraud", "version": "v1", "host": "h", "function_uri": "fraud/serving", "request": {"inputs": [["x"]]}, "op": "infer", "when": "2026-01-05 09:00:02.000000+00:00", "error": "could not convert string to float"}'),
  ('{"class": "Model", "worker": "1", "model": "churn", "version": "v2", "host": "h", "function_uri": "fraud/serving", "headers": ["request", "op", "resp", "when", "microsec", "metrics"], "values": [[{"inputs": [[1]]}, "infer", {"outputs": [0]}, "2026-01-05 09:00:03.000000+00:00", 2000, null], [{"inputs": [[2]]}, "infer", {"outputs": [1]}, "2026-01-05 09:00:04.000000+00:00", 4000, null], [{"inputs": [[3]]}, "infer", {"outputs": [1]}, "2026-01-05 09:00:05.000000+00:00", 9000, null]]}');

-- The columns of both forms; storey-json reads the events whether they stand in storey's envelope or not.
CREATE TABLE events (
  model STRING,
  `when` STRING,
  microsec BIGINT,
  error STRING,
  headers ARRAY<STRING>,
  `values` ARRAY<ARRAY<STRING>>
) WITH (
  'connector' = 'v3io', 'endpoint' = '${V3IO_ENDPOINT}', 'stream' = 'projects/fraud/model-endpoints/stream',
  'format' = 'storey-json', 'scan.bounded.mode' = 'latest'
);

-- One row for each event, whichever form it came in.
CREATE VIEW predictions AS
SELECT model, `when`, microsec, error FROM events WHERE `values` IS NULL
UNION ALL
SELECT model, v[ARRAY_POSITION(headers, 'when')], CAST(v[ARRAY_POSITION(headers, 'microsec')] AS BIGINT), CAST(NULL AS STRING)
FROM events CROSS JOIN UNNEST(`values`) AS batch (v);

SELECT model, COUNT(*) AS requests,
  CAST(COUNT(error) AS DOUBLE) / COUNT(*) AS error_rate,
  PERCENTILE(microsec, 0.5) AS median_micros,
  PERCENTILE(microsec, 0.95) AS p95_micros
FROM predictions GROUP BY model ORDER BY model;

-- What MLRun's monitoring applications tell its writer: "data" is JSON in a text, and "result_extra_data" JSON inside that.
CREATE TABLE writer_records (data STRING) WITH (
  'connector' = 'v3io', 'endpoint' = '${V3IO_ENDPOINT}', 'stream' = 'projects/fraud/model-endpoints/writer',
  'format' = 'raw', 'sink.create-stream.shard-count' = '1'
);

INSERT INTO writer_records VALUES
  ('{"application_name": "drift", "endpoint_id": "e1", "start_infer_time": "2026-01-05 09:00:00+00:00", "end_infer_time": "2026-01-05 10:00:00+00:00", "event_kind": "result", "data": "{\"result_name\": \"general_drift\", \"result_value\": 0.75, \"result_kind\": 0, \"result_status\": 2, \"result_extra_data\": \"{\\\"threshold\\\": 0.7}\", \"current_stats\": \"{}\"}"}'),
  ('{"application_name": "drift", "endpoint_id": "e1", "start_infer_time": "2026-01-05 09:00:00+00:00", "end_infer_time": "2026-01-05 10:00:00+00:00", "event_kind": "metric", "data": "{\"metric_name\": \"kld\", \"metric_value\": 0.5}"}');

CREATE TABLE writer_events (application_name STRING, endpoint_id STRING, event_kind STRING, data STRING) WITH (
  'connector' = 'v3io', 'endpoint' = '${V3IO_ENDPOINT}', 'stream' = 'projects/fraud/model-endpoints/writer',
  'format' = 'storey-json', 'scan.bounded.mode' = 'latest'
);

SELECT endpoint_id, JSON_VALUE(data, '$.result_name') AS result_name,
  JSON_VALUE(data, '$.result_value' RETURNING DOUBLE) AS drift,
  JSON_VALUE(JSON_VALUE(data, '$.result_extra_data'), '$.threshold' RETURNING DOUBLE) AS threshold
FROM writer_events WHERE event_kind = 'result';
