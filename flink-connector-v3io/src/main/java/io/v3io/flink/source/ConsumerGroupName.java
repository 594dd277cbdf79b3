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

package io.v3io.flink.source;

import io.v3io.client.V3ioClient;

/** What a consumer group may be called, asked when a job is built. */
final class ConsumerGroupName {

    private ConsumerGroupName() {}

    /**
     * Refuses a name under which the platform cannot keep positions.
     *
     * @throws IllegalArgumentException with the reason
     */
    static void check(String consumerGroup) {
        String refusal = V3ioClient.refuseConsumerGroup(consumerGroup);
        if (refusal != null) {
            throw new IllegalArgumentException(refusal);
        }
    }
}
