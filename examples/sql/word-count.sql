-- SPDX-License-Identifier: Apache-2.0
-- Word count over fables: from a text file word by word into a stream, from there counted into another stream.

SET 'execution.runtime-mode' = 'batch';
-- Each INSERT waits for its job.
SET 'table.dml-sync' = 'true';

CREATE TABLE fables (
  fable STRING
) WITH (
  'connector' = 'filesystem',
  'path' = '${EXAMPLES}/src/main/resources/io/v3io/flink/examples/fables.txt',
  'format' = 'raw' -- a line is a fable
);

CREATE TABLE words (
  word STRING,
  hero STRING METADATA FROM 'partition-key' -- the words of a fable stay together, in their order
) WITH (
  'connector' = 'v3io',
  'endpoint' = '${V3IO_ENDPOINT}',
  'stream' = 'users/examples/words',
  'format' = 'raw',
  'sink.create-stream.shard-count' = '8',
  'scan.bounded.mode' = 'latest' -- the newest record of when a query starts is its last
);

CREATE TABLE word_counts (
  word STRING,
  n BIGINT
) PARTITIONED BY (word) WITH (
  'connector' = 'v3io',
  'endpoint' = '${V3IO_ENDPOINT}',
  'stream' = 'users/examples/word-counts',
  'format' = 'json',
  'sink.create-stream.shard-count' = '8',
  'scan.bounded.mode' = 'latest'
);

INSERT INTO words
SELECT REGEXP_REPLACE(LOWER(part), '[^a-z]', ''), SUBSTRING(fable, 1, 20)
FROM fables CROSS JOIN UNNEST(SPLIT(fable, ' ')) AS parts (part)
WHERE REGEXP_REPLACE(LOWER(part), '[^a-z]', '') <> '';

INSERT INTO word_counts
SELECT word, COUNT(*) FROM words GROUP BY word;

SELECT word, n FROM word_counts ORDER BY n DESC, word LIMIT 10;

SELECT SUM(n) AS words, COUNT(*) AS distinct_words FROM word_counts;
