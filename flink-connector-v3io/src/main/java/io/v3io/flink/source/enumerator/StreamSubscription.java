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

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/** Which streams a source reads. Immutable; travels in the job graph by Java serialization. */
@Internal
public sealed interface StreamSubscription extends Serializable {

    /** Whether a stream is one of these, if it is there. */
    boolean contains(StreamPath stream);

    /** What is read, for people: the streams, or the directory with its pattern. */
    List<String> names();

    /**
     * Streams that are named one by one.
     *
     * @param streams not empty, each once
     */
    record Named(List<StreamPath> streams) implements StreamSubscription {
        private static final long serialVersionUID = 1L;

        public Named {
            // An ArrayList and not List.copyOf, whose class Java serialization does not keep
            // compatible.
            streams = new ArrayList<>(streams);
        }

        @Override
        public boolean contains(StreamPath stream) {
            return streams.contains(stream);
        }

        @Override
        public List<String> names() {
            return streams.stream().map(StreamPath::toString).toList();
        }

        @Override
        public String toString() {
            return streams.toString();
        }
    }

    /**
     * The streams directly under a directory whose names match, also those that are created later.
     *
     * @param container name of the container
     * @param directory without slashes at its ends; empty for the container's root
     * @param pattern matches the whole name of a stream, without its directory
     */
    record Matching(String container, String directory, Pattern pattern)
            implements StreamSubscription {
        private static final long serialVersionUID = 1L;

        public Matching {
            Objects.requireNonNull(container, "container");
            Objects.requireNonNull(directory, "directory");
            Objects.requireNonNull(pattern, "pattern");
        }

        @Override
        public boolean contains(StreamPath stream) {
            int slash = stream.path().lastIndexOf('/');
            return stream.container().equals(container)
                    && stream.path().substring(0, Math.max(0, slash)).equals(directory)
                    && pattern.matcher(stream.path().substring(slash + 1)).matches();
        }

        @Override
        public List<String> names() {
            return List.of(toString());
        }

        /** Directory and pattern: what tells one such subscription from another in a checkpoint. */
        @Override
        public String toString() {
            return container
                    + "/"
                    + (directory.isEmpty() ? "" : directory + "/")
                    + "<"
                    + pattern.pattern()
                    + ">";
        }
    }
}
