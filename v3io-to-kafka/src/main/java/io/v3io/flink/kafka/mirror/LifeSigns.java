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

import io.v3io.flink.kafka.state.Run;
import io.v3io.flink.kafka.state.StateKeys;
import io.v3io.flink.kafka.state.StateTopic;
import io.v3io.flink.kafka.topic.KafkaAccess;

import org.apache.kafka.clients.producer.Producer;

import javax.annotation.Nullable;

import java.time.Duration;
import java.util.Map;

/** Shows that a run lives, so that no second one is started beside it. */
class LifeSigns implements AutoCloseable {

    /** For the subtasks that leave it to the first one. */
    static final LifeSigns NONE = new LifeSigns();

    @Nullable private final Producer<byte[], byte[]> producer;
    @Nullable private final StateTopic topic;
    private final String key;
    private Run last;

    private LifeSigns() {
        producer = null;
        topic = null;
        key = "";
        last = new Run("", "", 0, false);
    }

    LifeSigns(KafkaAccess access, StateTopic topic, MirrorSpec spec, Run run) {
        this.topic = topic;
        key = StateKeys.run(spec.config().mirror());
        last = run;
        producer = access.producer(Map.of());
    }

    void give() {
        if (producer == null || topic == null) {
            return;
        }
        last = new Run(last.id(), last.host(), last.beat() + 1, true);
        // One that is lost delays nothing but the notice that this run lives.
        var unused = producer.send(topic.record(key, last));
    }

    @Override
    public void close() {
        if (producer != null) {
            producer.close(Duration.ZERO);
        }
    }
}
