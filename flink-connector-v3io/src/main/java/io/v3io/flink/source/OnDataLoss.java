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

import org.apache.flink.annotation.PublicEvolving;

/**
 * What a job does when records that it has not read are gone: retention removed them before it
 * came. In every case but {@link #FAIL} the loss is logged with its sequence numbers and counted in
 * the metric {@code dataLossEvents}.
 */
@PublicEvolving
public enum OnDataLoss {
    /**
     * Fail; the message names stream, shard, the first missing and the first available sequence
     * number. The default.
     */
    FAIL,
    /** Go on with the oldest record that the shard still has. */
    EARLIEST,
    /** Go on with what arrives from now on. */
    LATEST
}
