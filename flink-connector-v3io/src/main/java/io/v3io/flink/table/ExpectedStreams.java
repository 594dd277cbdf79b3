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

package io.v3io.flink.table;

import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamAddress;
import io.v3io.client.model.StreamPath;

import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;

import javax.annotation.Nullable;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a table expects of the platform when its job starts.
 *
 * @param streams by their names; empty for those of a pattern
 * @param matching null without a pattern
 * @param adviceIfMissing what to do about a stream that is not there; null if it need not be
 * @param deadLetters must be there; null for none
 * @param namedShards that the options name, each with the option that does
 */
record ExpectedStreams(
        List<StreamPath> streams,
        @Nullable Matching matching,
        @Nullable String adviceIfMissing,
        @Nullable DeadLetters deadLetters,
        Map<ShardId, String> namedShards) {

    /**
     * The stream of dead letters.
     *
     * @param option that names it
     * @param advice what to do if it is not there
     */
    record DeadLetters(StreamPath stream, ConfigOption<String> option, String advice) {

        /** Null if the option is not set. */
        @Nullable
        static DeadLetters of(ReadableConfig options, ConfigOption<String> option, String advice) {
            return options.getOptional(option)
                    .map(
                            text ->
                                    new DeadLetters(
                                            StreamAddress.parse(text).stream(), option, advice))
                    .orElse(null);
        }
    }

    /**
     * The streams of a pattern.
     *
     * @param container that they are in
     * @param directory in it, that they are directly in
     * @param names matches their whole names
     */
    record Matching(String container, String directory, Pattern names) {

        boolean contains(StreamPath stream) {
            String path = stream.path();
            return names.matcher(path.substring(path.lastIndexOf('/') + 1)).matches();
        }
    }
}
