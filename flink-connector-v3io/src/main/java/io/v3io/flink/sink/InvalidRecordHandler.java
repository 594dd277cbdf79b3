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

import io.v3io.client.model.PutRecord;

import org.apache.flink.annotation.PublicEvolving;

import javax.annotation.Nullable;

import java.io.Serializable;

/**
 * Takes the records that can never be stored, in place of an {@link OnInvalidRecord}: those over a
 * limit of the platform, and those that the server refuses for themselves, such as for a shard that
 * the stream does not have.
 */
@PublicEvolving
@FunctionalInterface
public interface InvalidRecordHandler extends Serializable {

    /**
     * Handles one of them. Called by one thread at a time, mostly the task's, which must not be
     * blocked for long. With {@code EXACTLY_ONCE} the committer has a copy of the handler of its
     * own, and may call it while the writer calls the other. What is thrown fails the job. After a
     * failure of the job the same record may come again.
     *
     * @return a record for the dead-letter stream ({@link V3ioSinkBuilder#setDeadLetterStream}),
     *     which must be within the limits; it is written like any other, so that a checkpoint waits
     *     for it. Null for none.
     */
    @Nullable
    PutRecord handle(InvalidRecord invalid) throws Exception;
}
