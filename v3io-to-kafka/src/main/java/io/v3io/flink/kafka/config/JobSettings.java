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

package io.v3io.flink.kafka.config;

import org.apache.flink.util.TimeUtils;

import javax.annotation.Nullable;

import java.io.Serializable;
import java.time.Duration;

/**
 * How the mirror runs.
 *
 * @param commitInterval how long a record waits at the most until readers of committed records see
 *     it; default 2 s
 * @param checkpointInterval time between two checkpoints of the job, which is also how often it
 *     shows that it lives; default 10 s
 * @param onDataLoss what to do when retention has removed records before they were copied; default
 *     {@link OnLoss#FAIL}
 * @param parallelism subtasks of the job; null for one for each shard, but no more than processors
 */
public record JobSettings(
        Duration commitInterval,
        Duration checkpointInterval,
        OnLoss onDataLoss,
        @Nullable Integer parallelism)
        implements Serializable {

    /** What to do about records that are gone before they were copied. */
    public enum OnLoss {
        /** The mirror ends, and names the records. */
        FAIL,
        /** Go on with the oldest record that is left; {@code verify} names what is missing. */
        CONTINUE
    }

    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration SHORTEST_TRANSACTION_TIMEOUT = Duration.ofMinutes(1);

    /** From the words of the configuration; null for the defaults. */
    public static JobSettings of(
            @Nullable String commitInterval,
            @Nullable String checkpointInterval,
            @Nullable String onDataLoss,
            @Nullable Integer parallelism) {
        return new JobSettings(
                duration("job.commit-interval", commitInterval, Duration.ofSeconds(2)),
                duration("job.checkpoint-interval", checkpointInterval, Duration.ofSeconds(10)),
                onLoss(onDataLoss),
                parallelism);
    }

    /** Refuses what is out of range. */
    public JobSettings {
        if (parallelism != null && parallelism < 1) {
            throw new ConfigException("'job.parallelism' must be 1 or more.");
        }
    }

    /**
     * After what time the broker ends the transaction of a process that has died, and lets readers
     * of committed records go on: 60 s, or three times the commit interval if that is longer.
     */
    public Duration transactionTimeout() {
        Duration needed = commitInterval.multipliedBy(3);
        return needed.compareTo(SHORTEST_TRANSACTION_TIMEOUT) > 0
                ? needed
                : SHORTEST_TRANSACTION_TIMEOUT;
    }

    private static OnLoss onLoss(@Nullable String text) {
        if (text == null || text.equals("fail")) {
            return OnLoss.FAIL;
        }
        if (text.equals("continue")) {
            return OnLoss.CONTINUE;
        }
        throw new ConfigException(
                "'job.on-data-loss' must be 'fail' or 'continue', not '" + text + "'.");
    }

    private static Duration duration(String name, @Nullable String text, Duration otherwise) {
        if (text == null) {
            return otherwise;
        }
        Duration parsed;
        try {
            parsed = TimeUtils.parseDuration(text);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(
                    "'" + name + "' must be a duration such as '2 s', not '" + text + "'.");
        }
        if (parsed.compareTo(SHORTEST) < 0 || parsed.compareTo(LONGEST) > 0) {
            throw new ConfigException("'" + name + "' must be 100 ms to 60 s, not '" + text + "'.");
        }
        return parsed;
    }
}
