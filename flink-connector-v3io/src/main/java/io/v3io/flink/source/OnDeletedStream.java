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

/** What to do when a stream is deleted that a job reads. */
@PublicEvolving
public enum OnDeletedStream {
    /** Fail; the message names the stream. The default. */
    FAIL,
    /**
     * Go on with the other streams: its shards end where they are, which is logged and counted. A
     * stream that is created again under its name is not read by this job.
     */
    END
}
