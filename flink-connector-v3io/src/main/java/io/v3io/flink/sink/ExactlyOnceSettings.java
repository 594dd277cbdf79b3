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

/**
 * What a user chose about exactly-once; part of the job graph.
 *
 * @param sinkId random, drawn when the sink is built; names what it stages
 * @param stagingDirectory where epochs go that are too large for a checkpoint; null without one
 * @param maxInlineBytes an epoch of one writer with more bytes is staged
 * @param landingTimeout a request of unknown fate has taken effect after this time, or never will
 * @param takeoverDelay time within which an attempt of the job that was replaced has stopped
 */
record ExactlyOnceSettings(
        String sinkId,
        @Nullable StreamPath stagingDirectory,
        int maxInlineBytes,
        Duration landingTimeout,
        Duration takeoverDelay)
        implements Serializable {

    private static final long serialVersionUID = 1L;

    /** Bytes of one staged object, and of what is encoded before it goes there. */
    int partBytes() {
        return Math.min(maxInlineBytes, MAX_PART_BYTES);
    }

    private static final int MAX_PART_BYTES = 4 * 1024 * 1024;
}
