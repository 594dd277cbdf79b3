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

package io.v3io.flink.sink;

import io.v3io.client.model.StreamPath;

import javax.annotation.Nullable;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;

/**
 * Where records go, and in which order.
 *
 * @param streams those that elements may go to, one at least
 * @param creation how a missing one is created; null if it is not
 * @param ordered whether records of one key or shard keep their order
 * @param fixed whether each subtask writes to one shard
 * @param shardDiscoveryInterval how often a fixed routing asks for the number of shards
 */
record RoutingSettings(
        List<StreamPath> streams,
        @Nullable StreamCreation creation,
        boolean ordered,
        boolean fixed,
        Duration shardDiscoveryInterval)
        implements Serializable {

    private static final long serialVersionUID = 1L;

    RoutingSettings {
        streams = List.copyOf(streams);
    }
}
