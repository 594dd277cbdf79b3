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

package io.v3io.flink.e2e.interop;

import io.v3io.flink.e2e.cluster.ChildProcess;

import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A member of a consumer group, as v3io-go runs it in a process of its own. */
public final class GoMember implements AutoCloseable {

    private static final long END_SECONDS = 60;
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String CLAIMED = "{\"claimed\":[";

    private final ChildProcess process;

    /** One that was started by {@link PublicClients#requireGo}. */
    public GoMember(ChildProcess process) {
        this.process = process;
    }

    /** Waits for the moment when it has been given its shards; returns them. */
    public Set<Integer> awaitShards() {
        await(process + " has its shards").until(() -> process.output().contains(CLAIMED));
        String output = process.output();
        int start = output.indexOf(CLAIMED) + CLAIMED.length();
        Set<Integer> shards = new TreeSet<>();
        for (String shard : output.substring(start, output.indexOf(']', start)).split(",", -1)) {
            if (!shard.isEmpty()) {
                shards.add(Integer.parseInt(shard));
            }
        }
        return shards;
    }

    /** What it has got so far. */
    public List<RecordLine> records() {
        return RecordLine.parse(process.output()).stream()
                .filter(line -> line.sequence() != null)
                .map(RecordLine::normalized)
                .toList();
    }

    /** Waits for its end, when it has got all that it was told to, and has committed it. */
    public List<RecordLine> awaitEnd() {
        if (process.waitFor(END_SECONDS) != 0) {
            throw new AssertionError(process + " has failed:\n" + process.endOfOutput());
        }
        return records();
    }

    /** Asks it to end, when it has committed what it has got. */
    public void terminate() {
        process.terminate();
    }

    /** It has no time to say goodbye. */
    public void kill() {
        process.kill();
    }

    /** Waits for something that a member does. */
    public static ConditionFactory await(String condition) {
        return Awaitility.await(condition).atMost(SOON).pollInterval(Duration.ofMillis(50));
    }

    @Override
    public void close() {
        process.close();
    }
}
