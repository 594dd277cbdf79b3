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

package io.v3io.flink.source.enumerator;

import io.v3io.client.model.StreamPath;

import org.apache.flink.annotation.Internal;

import java.util.List;

/**
 * What one look at the platform has found.
 *
 * @param startSeconds when the look began, in seconds since 1970
 * @param surveys of streams that are there
 * @param missing streams that the source is to read and that were never there
 * @param failures of streams of which nothing could be learnt
 */
@Internal
record StreamFindings(
        long startSeconds,
        List<StreamSurvey> surveys,
        List<StreamPath> missing,
        List<Failure> failures) {

    /**
     * A stream of which nothing could be learnt.
     *
     * @param stream the stream
     * @param cause why
     */
    record Failure(StreamPath stream, Exception cause) {}
}
