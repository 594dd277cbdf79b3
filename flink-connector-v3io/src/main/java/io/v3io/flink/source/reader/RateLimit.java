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

package io.v3io.flink.source.reader;

import org.apache.flink.annotation.Internal;

import java.io.Serializable;

/**
 * How much may be emitted in a second, by a whole job or by one reader.
 *
 * @param recordsPerSecond above 0; infinite for no limit
 * @param bytesPerSecond of the records' data, above 0; infinite for no limit
 */
@Internal
public record RateLimit(double recordsPerSecond, double bytesPerSecond) implements Serializable {

    private static final long serialVersionUID = 1L;

    public static final RateLimit NONE =
            new RateLimit(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);

    /** One reader's part: all parts together are the whole, whatever the number of readers. */
    public RateLimit share(int readers) {
        return new RateLimit(recordsPerSecond / readers, bytesPerSecond / readers);
    }

    /** Whether there is a limit. */
    public boolean isLimited() {
        return recordsPerSecond != Double.POSITIVE_INFINITY
                || bytesPerSecond != Double.POSITIVE_INFINITY;
    }
}
