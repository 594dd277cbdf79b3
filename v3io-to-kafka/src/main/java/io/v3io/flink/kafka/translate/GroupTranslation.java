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

package io.v3io.flink.kafka.translate;

import java.util.ArrayList;
import java.util.List;

/**
 * The positions of one group.
 *
 * @param stream {@code container/path}
 * @param topic its topic
 * @param group name of the group on V3IO
 * @param kafkaGroup name of the group on Kafka
 * @param shards of each shard
 * @param notes what there is to know about all of it
 * @param refusals why nothing is committed for the group without {@code --force}
 * @param errors what went wrong, or why nothing is committed for it in any case
 * @param committed whether it was committed
 */
public record GroupTranslation(
        String stream,
        String topic,
        String group,
        String kafkaGroup,
        List<ShardTranslation> shards,
        List<String> notes,
        List<String> refusals,
        List<String> errors,
        boolean committed) {

    GroupTranslation asCommitted() {
        return new GroupTranslation(
                stream, topic, group, kafkaGroup, shards, notes, refusals, errors, true);
    }

    GroupTranslation withError(String error) {
        List<String> more = new ArrayList<>(errors);
        more.add(error);
        return new GroupTranslation(
                stream, topic, group, kafkaGroup, shards, notes, refusals, more, committed);
    }
}
