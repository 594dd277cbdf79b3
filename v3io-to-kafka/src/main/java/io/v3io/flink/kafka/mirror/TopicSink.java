/*
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

package io.v3io.flink.kafka.mirror;

import io.v3io.flink.kafka.record.ShardRecord;

import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/**
 * Writes the records of shards into their partitions, each exactly once, in the order of the shard.
 *
 * <p>The topic itself is the truth about what has been copied. Every shard has a producer of its
 * own with a transactional id that is made of topic and partition. Whoever writes to a partition
 * first takes that id over, which fences every earlier writer and decides its open transaction;
 * then it reads the last committed record of the partition, and drops whatever comes up to its
 * number. So a record that was copied is never copied again, however often and from however early a
 * position the source reads it; and a checkpoint completes only after all records before it are
 * committed, so none is left out. In contrast to a two-phase commit along checkpoints, nothing
 * depends on a transaction that must outlive a failure: a broker that aborts one undoes only what
 * the source will read again.
 */
final class TopicSink implements Sink<ShardRecord> {

    private static final long serialVersionUID = 1L;

    private final MirrorSpec spec;

    TopicSink(MirrorSpec spec) {
        this.spec = spec;
    }

    @Override
    public SinkWriter<ShardRecord> createWriter(WriterInitContext context) {
        return TopicWriter.open(spec, context);
    }
}
