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

package io.v3io.flink.examples;

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Tells from time to time how far a count has come, if it has gone on since. */
final class FollowProgress extends KeyedProcessFunction<Integer, Tuple2<String, Long>, String> {

    private static final long serialVersionUID = 1L;

    private static final int SHOWN = 3;

    private final long intervalMillis;
    private transient MapState<String, Long> counts;
    private transient ValueState<Boolean> timerIsSet;

    FollowProgress(Duration interval) {
        this.intervalMillis = interval.toMillis();
    }

    @Override
    public void open(OpenContext context) {
        counts =
                getRuntimeContext()
                        .getMapState(new MapStateDescriptor<>("counts", Types.STRING, Types.LONG));
        timerIsSet =
                getRuntimeContext()
                        .getState(new ValueStateDescriptor<>("timerIsSet", Types.BOOLEAN));
    }

    @Override
    public void processElement(Tuple2<String, Long> count, Context context, Collector<String> out)
            throws Exception {
        counts.put(count.f0, count.f1);
        if (timerIsSet.value() == null) {
            timerIsSet.update(true);
            context.timerService()
                    .registerProcessingTimeTimer(
                            context.timerService().currentProcessingTime() + intervalMillis);
        }
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<String> out)
            throws Exception {
        timerIsSet.clear();
        Map<String, Long> now = new HashMap<>();
        for (Map.Entry<String, Long> count : counts.entries()) {
            now.put(count.getKey(), count.getValue());
        }
        WordTable table = new WordTable(now);
        out.collect(table.totals() + ", most frequent: " + table.top(SHOWN));
    }
}
