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

package io.v3io.flink.kafka;

import io.v3io.flink.kafka.status.ShardStatus;
import io.v3io.flink.kafka.status.StatusSurvey;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Tells how a mirror gets on: records a second, lag, and when it will have caught up. */
final class Progress {

    private static final Logger LOG = LoggerFactory.getLogger(Progress.class);

    private final StatusSurvey survey;
    private final Output output;
    private long lastCopied = -1;
    private long lastTime;

    /** Tells what a survey sees. */
    Progress(StatusSurvey survey, Output output) {
        this.survey = survey;
        this.output = output;
    }

    void print() throws InterruptedException {
        List<ShardStatus> shards;
        try {
            shards = survey.look(false);
        } catch (RuntimeException e) {
            // The job is what matters, and it says itself what it lacks.
            LOG.warn("How far the mirror is could not be found out.", e);
            return;
        }
        long copied = shards.stream().mapToLong(ShardStatus::copied).sum();
        long lag = shards.stream().mapToLong(ShardStatus::lag).sum();
        long now = System.nanoTime();
        double rate =
                lastCopied < 0 ? 0 : (copied - lastCopied) * 1e9 / Math.max(1, now - lastTime);
        lastCopied = copied;
        lastTime = now;
        print(output, copied, rate, lag);
    }

    static void print(Output output, long copied, double rate, long lag) {
        Long secondsLeft = lag > 0 && rate >= 1 ? Math.round(lag / rate) : null;
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("event", "progress");
        json.put("copied", copied);
        json.put("lag", lag);
        json.put("recordsPerSecond", Math.round(rate));
        json.put("secondsLeft", lag == 0 ? Long.valueOf(0) : secondsLeft);
        output.json(json);
        output.say(
                String.format(
                        Locale.ROOT,
                        "copied up to %,d, %,d records/s, lag %,d%s",
                        copied,
                        Math.round(rate),
                        lag,
                        secondsLeft == null ? "" : ", caught up in about " + time(secondsLeft)));
    }

    private static String time(long seconds) {
        Duration duration = Duration.ofSeconds(seconds);
        if (duration.toHours() > 0) {
            return duration.toHours() + " h " + duration.toMinutesPart() + " min";
        }
        return duration.toMinutes() > 0
                ? duration.toMinutes() + " min " + duration.toSecondsPart() + " s"
                : duration.toSeconds() + " s";
    }
}
