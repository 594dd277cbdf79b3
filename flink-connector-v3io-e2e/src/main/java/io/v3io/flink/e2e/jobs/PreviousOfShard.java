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

package io.v3io.flink.e2e.jobs;

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Writes a row for each record: shard, sequence number, the sequence number that the state knew as
 * the shard's last one, checksum. State that went back or ahead of the source shows in the third.
 */
final class PreviousOfShard extends KeyedProcessFunction<Integer, SeenRecord, String> {

    private static final long serialVersionUID = 1L;

    private transient ValueState<Long> previous;

    @Override
    public void open(OpenContext context) {
        previous = getRuntimeContext().getState(new ValueStateDescriptor<>("previous", Long.class));
    }

    @Override
    public void processElement(SeenRecord record, Context context, Collector<String> out)
            throws Exception {
        Long known = previous.value();
        out.collect(
                record.shard
                        + ","
                        + record.sequenceNumber
                        + ","
                        + (known == null ? 0 : known)
                        + ","
                        + record.checksum);
        previous.update(record.sequenceNumber);
    }
}
